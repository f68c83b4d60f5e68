"""On real images: the pruning figures that need no training. Skips where the data is not there."""

from pathlib import Path

import numpy as np
import pytest
import tf_keras

from benchmarks.lib.unet_camvid import unet_camvid
from edge_nas.core.config import PruneSpec
from edge_nas.core.preprocessing import Preprocessing
from edge_nas.data.folder import FolderSource
from edge_nas.data.loader import load_dataset
from edge_nas.evaluation.evaluate import evaluate
from edge_nas.graph.flatten import flatten
from edge_nas.pruning import remove_channels
from edge_nas.runtimes.keras import KerasRuntime


@pytest.mark.real_data
@pytest.mark.slow
def test_a_unet_loses_three_quarters_of_its_channels_without_training(test_data: Path) -> None:
    dataset = load_dataset(FolderSource(root=str(test_data / "data/camvid_road")))
    inputs = Preprocessing().apply(dataset.train.images)
    model = flatten(unet_camvid(test_data / "models/unet_camvid/unet16.h5"))
    pruned = remove_channels(model, inputs, PruneSpec(ratio=0.75), seed=0)
    miou = evaluate(KerasRuntime(pruned.repaired).run, dataset).val.metrics.miou
    assert miou is not None
    assert miou >= 0.930
    assert pruned.plan.after.params < 0.07 * pruned.plan.before.params


@pytest.mark.real_data
@pytest.mark.slow
@pytest.mark.parametrize(
    "name", ["pretrainedResnet.h5", pytest.param("vww_96.h5", marks=pytest.mark.endurance), "ad01.h5"]
)
def test_networks_of_others_go_through_the_engine(name: str, test_data: Path) -> None:
    model = tf_keras.models.load_model(test_data / "models/mlperf_tiny" / name, compile=False)
    images = np.random.default_rng(0).uniform(0, 1, (12, *model.input_shape[1:])).astype(np.float32)
    flat = flatten(model)
    pruned = remove_channels(flat, images, PruneSpec(ratio=0.5, repair_samples=5000), seed=0)
    expected, seen = pruned.masked(images).numpy(), pruned.narrowed(images).numpy()
    assert np.abs(expected - seen).max() <= 1e-5 * max(1.0, np.abs(expected).max())
    reasons = {group.reason for group in pruned.plan.frozen}
    assert all(reason.startswith("the network's") or "softmax" in reason for reason in reasons)
    assert pruned.plan.after.params < 0.45 * pruned.plan.before.params
