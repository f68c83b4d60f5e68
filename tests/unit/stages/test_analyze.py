"""The second stage: the report of the trained network, as JSON and as a table."""

import json

import numpy as np
import pytest
import tf_keras
from stagecontexts import stage_context

from edge_nas.analysis.table import redundancy_table
from edge_nas.data.terrain import TerrainSource
from edge_nas.models.artifacts import store_network
from edge_nas.stages.analyze import analyze

L = tf_keras.layers


@pytest.fixture
def output(easy_dataset, desk, sample_outputs, tmp_path):
    tf_keras.utils.set_random_seed(0)
    inputs = L.Input((16, 16, 3))
    x = L.ReLU()(L.Conv2D(4, 3, name="stem")(inputs))
    network = tf_keras.Model(inputs, L.Conv2D(1, 1, name="logit")(x))
    model = store_network(network, "trained.npz", stage="train", run=desk("01_train"))
    trained = sample_outputs.train.model_copy(update={"model": model})
    data = TerrainSource(calibration_images=9)
    context = stage_context("analyze", tmp_path, trained, dataset=easy_dataset, data=data)
    return analyze(context).redundancy, context


def test_every_layer_is_measured_on_the_calibration_images(output) -> None:
    report, context = output
    assert [(layer.name, layer.channels, layer.samples) for layer in report.layers] == [
        ("stem", 4, 9 * 14 * 14),
        ("logit", 1, 9 * 14 * 14),
    ]
    assert context.progress.ticks[-1] == ("images through the network", 9, 9)
    assert all(np.isfinite(layer.effective_rank) for layer in report.layers)


def test_the_report_is_stored_as_json_and_as_a_table(output) -> None:
    report, context = output
    stored = json.loads((context.folder / "redundancy.json").read_text())
    assert [layer["name"] for layer in stored["layers"]] == ["stem", "logit"]
    table = (context.folder / "redundancy.txt").read_text()
    assert table == redundancy_table(report)
    lines = table.splitlines()
    assert lines[0].split("  ")[0] == "layer"
    assert lines[1].startswith("stem   Conv2D  4 ")
    assert len(lines) == 3
