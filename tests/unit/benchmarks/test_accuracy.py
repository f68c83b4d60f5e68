"""What is built of a configuration, and what becomes of the results; builds themselves are made up."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from benchmarks import accuracy


@pytest.fixture
def builds(monkeypatch: pytest.MonkeyPatch) -> list[list[str]]:
    """The overrides of every build that was asked for; each ends at once with a score of 0.9 before and 0.8 after."""
    made: list[list[str]] = []

    def build(core: int | None, arguments: Sequence[str], what: str) -> None:
        assert core is None
        made.append([word for word in arguments if "=" in word])
        folder = Path(arguments[arguments.index("--run") + 1])
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "result.json").write_text(json.dumps(result(pruned="prune.ratio=0" not in arguments)))

    monkeypatch.setattr(accuracy, "run_on", build)
    return made


def result(*, pruned: bool) -> dict[str, Any]:
    score, after = {"miou": 0.9}, {"miou": 0.8 if pruned else 0.9}
    return {
        "evaluation": {"trained": score, "repaired": after, "pruned": after, "int8": after}
        | {"split": "test", "baselines": {"mean_mask": {"miou": 0.4}, "all_background": {"miou": 0.3}}},
        "cost": {"deployed": {"params": 1000, "macs": 2_000_000}},
        "stages": {"train": {"seconds": 1.5}, "prune": {"seconds": 2.5}},
    }


def test_unpruned_and_pruned_share_a_run_folder_over_seeds(
    builds: list[list[str]], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    options = [
        "nano_u_48x64",
        "name=mine",
        "--seeds",
        "0",
        "1",
        "--out",
        str(tmp_path),
        "--json",
        str(tmp_path / "a.json"),
    ]
    accuracy.main(options)
    assert builds == [
        ["name=mine", "prune.ratio=0", "seed=0"],
        ["name=mine", "seed=0"],
        ["name=mine", "prune.ratio=0", "seed=1"],
        ["name=mine", "seed=1"],
    ]
    assert {path.name for path in tmp_path.iterdir()} == {"mine-seed0", "mine-seed1", "a.json"}
    stored = json.loads((tmp_path / "a.json").read_text())
    assert [(row["variant"], row["int8"], row["seconds"]) for row in stored["rows"][:2]] == [
        ("unpruned", 0.9, 4.0),
        ("pruned", 0.8, 4.0),
    ]
    unpruned, pruned = capsys.readouterr().out.splitlines()[2:]
    assert unpruned.startswith("| unpruned | test | 90.0 (90.0 to 90.0) |")
    assert "| **80.0 (80.0 to 80.0)** | 40.0 | 30.0 | 1,000 | 2.00 M |" in pruned


def test_from_scratch_once_as_long_as_training_and_once_as_fine_tuning_too(
    builds: list[list[str]], tmp_path: Path
) -> None:
    overrides = ["train.epochs=3", "prune.fine_tune.epochs=2"]
    accuracy.main(
        ["nano_u_48x64", *overrides, "--seeds", "5", "--scratch", "model.arguments.widths=[4]", "--out", str(tmp_path)]
    )
    scratch, long = builds[2:]
    assert scratch == [*overrides, "prune.ratio=0", "model.arguments.widths=[4]", "seed=5"]
    assert long == [*overrides, "prune.ratio=0", "train.epochs=5", "model.arguments.widths=[4]", "seed=5"]
    assert {path.name for path in tmp_path.iterdir()} == {
        "nano_u_48x64-seed5",
        "nano_u_48x64-seed5-scratch",
        "nano_u_48x64-seed5-scratch-long",
    }
