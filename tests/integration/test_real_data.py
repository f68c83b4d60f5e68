"""On real images: the pruning figures that need no training. Skips where the data is not there."""

import sys
from pathlib import Path

import pytest

from edge_nas.core.config import DataSpec, PruneSpec
from edge_nas.core.preprocessing import Preprocessing
from edge_nas.data.loader import load_dataset
from edge_nas.evaluation.splits import judge
from edge_nas.graph.flatten import flatten
from edge_nas.pruning import remove_channels
from edge_nas.runtimes.keras import KerasRuntime

sys.path.insert(0, str(Path(__file__).parents[2] / "benchmarks"))


@pytest.mark.real_data
@pytest.mark.slow
def test_a_unet_loses_three_quarters_of_its_channels_without_training(test_data: Path) -> None:
    from unet_camvid import unet_camvid

    dataset = load_dataset(DataSpec(source="folder", root=str(test_data / "data/camvid_road")))
    inputs = Preprocessing().apply(dataset.train.images)
    model = flatten(unet_camvid(test_data / "models/unet_camvid/unet16.h5"))
    pruned = remove_channels(model, inputs, PruneSpec(ratio=0.75), seed=0)
    miou = judge(KerasRuntime(pruned.repaired).run, dataset).val.metrics.miou
    assert miou is not None
    assert miou >= 0.925
    assert pruned.plan.after.params < 0.07 * pruned.plan.before.params
