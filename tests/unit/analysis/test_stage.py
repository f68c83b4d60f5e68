"""The second stage: the report of the trained network, as JSON and as a table."""

import json

import numpy as np
import pytest
import tf_keras

from edge_nas.analysis import analyze
from edge_nas.analysis.stage import redundancy_table
from edge_nas.core.config import AnalyzeSpec
from edge_nas.models.artifacts import store_network

L = tf_keras.layers


@pytest.fixture
def output(easy_dataset, desk, sample_outputs):
    tf_keras.utils.set_random_seed(0)
    inputs = L.Input((16, 16, 3))
    x = L.ReLU()(L.Conv2D(4, 3, name="stem")(inputs))
    network = tf_keras.Model(inputs, L.Conv2D(1, 1, name="logit")(x))
    model = store_network(network, "trained.npz", stage="train", run=desk("01_train"))
    trained = sample_outputs.train.model_copy(update={"model": model})
    place = desk("02_analyze")
    report = analyze(AnalyzeSpec(), trained=trained, dataset=easy_dataset, calibration_images=9, seed=0, run=place)
    return report.redundancy, place


def test_every_layer_is_measured_on_the_calibration_images(output) -> None:
    report, place = output
    assert [(layer.name, layer.channels, layer.samples) for layer in report.layers] == [
        ("stem", 4, 9 * 14 * 14),
        ("logit", 1, 9 * 14 * 14),
    ]
    assert place.progress.steps[-1] == ("images through the network", 9, 9)
    assert all(np.isfinite(layer.effective_rank) for layer in report.layers)


def test_the_report_is_stored_as_json_and_as_a_table(output) -> None:
    report, place = output
    stored = json.loads((place.folder / "redundancy.json").read_text())
    assert [layer["name"] for layer in stored["layers"]] == ["stem", "logit"]
    table = (place.folder / "redundancy.txt").read_text()
    assert table == redundancy_table(report)
    lines = table.splitlines()
    assert lines[0].split("  ")[0] == "layer"
    assert lines[1].startswith("stem   Conv2D  4 ")
    assert len(lines) == 3
