"""What is known of a network before its training; each refusal is one that a stage would make later."""

from typing import Any

import pytest

from edge_nas.checks.network import check_network
from edge_nas.core.configfile import load_config
from edge_nas.data.loader import load_dataset
from edge_nas.errors import EdgeNasError

DATA = ["data.input_shape=[16,16,3]", "data.terrain.train_images=4", "data.terrain.val_images=2",
        "data.terrain.test_images=2", "model.arguments.widths=[4,4,4,4,4,4]"]  # fmt: skip
WRONG = {
    "prune.leave=[nothing_*]": "no layer or channel group 'nothing_",
    "train.decov_layers={nothing: 0.1}": "nothing",
    "prune.fine_tune.decov_layers={nothing: 0.1}": "nothing",
    "train.monitor.layers=[nothing]": "nothing",
    "model.arguments.depth=3": "unknown depth",
    "train.teacher={name: nano_u, arguments: {depth: 3}}": "unknown depth",
    "prune.multiple=64": "no channel may go",
}


@pytest.fixture(scope="module")
def dataset() -> Any:
    return load_dataset(load_config(None, DATA).data)


@pytest.mark.parametrize("setting", WRONG)
def test_what_a_stage_would_refuse(setting: str, dataset: Any) -> None:
    with pytest.raises(EdgeNasError, match=WRONG[setting]):
        check_network(load_config(None, [*DATA, setting]), dataset, pytest.fail)


def test_a_network_that_passes(dataset: Any) -> None:
    config = load_config(None, [*DATA, "train.decov_layers={'encoder_*': 0.1}"])
    cost = check_network(config, dataset, pytest.fail)
    assert cost.params > 0
    assert cost.macs > 0
