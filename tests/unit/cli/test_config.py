"""`edge-nas config show`."""

import json
from pathlib import Path

import pytest

from edge_nas.cli.main import run
from edge_nas.core.configfile import load_config


def test_it_shows_what_differs_from_the_defaults(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "own.yaml").write_text("seed: 0\n")
    assert run(["config", "show", str(tmp_path / "own.yaml"), "prune.fine_tune.epochs=3"]) == 0
    assert capsys.readouterr().out == "name: own\nprune:\n  fine_tune:\n    epochs: 3\n"


def test_the_source_is_shown_with_its_own_settings(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "own.yaml").write_text("task: classification\n")
    settings = ["data.source=function", "data.function=a:b", "data.classes=[x]"]
    assert run(["config", "show", str(tmp_path / "own.yaml"), *settings]) == 0
    assert capsys.readouterr().out == (
        "name: own\ntask: classification\ndata:\n  source: function\n  classes:\n  - x\n  function: a:b\n"
    )


def test_resolved_is_a_configuration_of_its_own(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["config", "show", "--resolved", "seed=3"]) == 0
    (tmp_path / "copy.yaml").write_text(capsys.readouterr().out)
    assert load_config(str(tmp_path / "copy.yaml")) == load_config(None, ["seed=3"])


def test_json(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["config", "show", "--resolved", "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == load_config().to_data()
