"""Which cases are trained, and that each is trained once; trainings themselves are made up."""

import json
from collections.abc import Sequence
from pathlib import Path

import pytest

from benchmarks import decov_ablation
from benchmarks.tables.decov import RATIOS


@pytest.fixture
def trained(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, float, int]]:
    """Place, weight and seed of every training that was asked for."""
    cases: list[tuple[str, float, int]] = []

    def train(core: int | None, arguments: Sequence[str], what: str) -> None:
        case = json.loads(arguments[arguments.index("--case") + 1])
        cases.append((case["place"], case["weight"], case["seed"]))
        removed = {f"{network}_{ratio}": 0.5 for network in ("cut", "repaired", "tuned") for ratio in RATIOS}
        row = case | removed | {"miou": 0.9, "rank": 2.0, "mean_correlation": 0.5}
        Path(arguments[arguments.index("--result") + 1]).write_text(json.dumps(row))

    monkeypatch.setattr(decov_ablation, "run_on", train)
    return cases


def test_without_penalty_there_is_one_place_and_what_is_there_is_not_trained_again(
    trained: list[tuple[str, float, int]], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    options = ["nano_u_48x64", "--weights", "0", "0.1", "--seeds", "3", "4", "--out", str(tmp_path / "rows")]
    decov_ablation.main([*options, "--json", str(tmp_path / "all.json")])
    assert trained == [
        *(("output", 0.0, 3), ("output", 0.0, 4), ("output", 0.1, 3), ("output", 0.1, 4)),
        *(("blocks", 0.1, 3), ("blocks", 0.1, 4)),
    ]
    assert len(json.loads((tmp_path / "all.json").read_text())["rows"]) == 6
    table, _, differences = capsys.readouterr().out.partition("\n\n")
    assert [line.split(" | ")[0] for line in table.splitlines()[2:]] == ["| -", "| output", "| blocks"]
    assert "| blocks | 0.1 | +0.0 ± 0.0 |" in differences
    decov_ablation.main(options)
    assert len(trained) == 6


def test_the_penalty_goes_where_the_case_says() -> None:
    from edge_nas.core.configfile import load_config

    train = load_config("nano_u_48x64", ["train.decov_weight=0.3"]).train
    output = decov_ablation._with_penalty(train, decov_ablation.Case("output", 0.1, 0))
    blocks = decov_ablation._with_penalty(train, decov_ablation.Case("blocks", 0.1, 0))
    assert (output.decov_weight, output.decov_layers) == (0.1, {})
    assert (blocks.decov_weight, blocks.decov_layers) == (0.0, {"*_pointwise_relu": 0.1})
    assert output.epochs == train.epochs
