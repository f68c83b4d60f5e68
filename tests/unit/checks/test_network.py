"""What is known of a network before its training; each refusal is one that a stage would make later."""

from importlib import resources
from pathlib import Path
from typing import Any

import pytest

from edge_nas.checks.network import check_network
from edge_nas.core.configfile import load_config
from edge_nas.data.loader import load_dataset
from edge_nas.errors import EdgeNasError, GateError
from edge_nas.pruning.planned import require_planned_fit

DATA = ["model=nano_u", "data.input_shape=[16,16,3]", "data.terrain.train_images=4", "data.terrain.val_images=2",
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
    facts = check_network(config, dataset, pytest.fail)
    assert facts.cost.params > 0
    assert facts.cost.macs > 0
    assert facts.batch_normalizations > 0
    # Half of 16 x 16 x 4 codes and more; STM32L4R5 has 640 KiB.
    assert facts.planned is not None
    assert 512 < facts.planned.sram_bytes < 16_384
    assert not facts.planned.over
    assert facts.planned.instructions is not None
    small = check_network(load_config(None, [*DATA, "compile.optimize=size"]), dataset, pytest.fail).planned
    assert small is not None
    assert (small.instructions, small.is_lower_bound) == (None, True)  # what C made for size takes was never counted
    wide = ["quantize.scheme=ptq", "quantize.activations=int16"]
    planned = check_network(load_config(None, [*DATA, *wide]), dataset, pytest.fail).planned
    assert planned is not None
    assert (planned.instructions, planned.is_lower_bound) == (None, True)


def test_a_network_that_cannot_fit_its_board(dataset: Any, tmp_path: Path) -> None:
    board = tmp_path / "small.yaml"
    text = resources.files("edge_nas.boards.data").joinpath("rp2040.yaml").read_text(encoding="utf-8")
    board.write_text(text.replace("name: rp2040", "name: small").replace("270336", "700"))
    config = load_config(None, [*DATA, f"deploy.board={board}"])
    planned = check_network(config, dataset, pytest.fail).planned
    assert planned is not None
    with pytest.raises(GateError, match=r"cannot fit small, planned at prune\.ratio=0\.5: SRAM is over by"):
        require_planned_fit(planned)
    searched = load_config(None, [*DATA, f"deploy.board={board}", "prune.budget={macs: 0.5}"])
    planned = check_network(searched, dataset, pytest.fail).planned
    assert planned is not None
    require_planned_fit(planned)  # the search may still find one that does
