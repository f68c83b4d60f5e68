import json
import sys
from pathlib import Path

import pytest

from edge_nas.cli.main import run
from edge_nas.core.configfile import dump_config, load_config
from edge_nas.runs.manifest import Manifest

FUNCTION = "name: own\ntask: classification\ndata: {source: function, function: 'planted_data:make', classes: [a, b]}\n"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The current folder, with data that a function makes; it leaves a file `canary` when it is imported."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delitem(sys.modules, "planted_data", raising=False)
    (tmp_path / "planted_data.py").write_text(
        "from pathlib import Path\nPath('canary').touch()\ndef make():\n    return None\n"
    )
    (tmp_path / "own set.yaml").write_text(FUNCTION)
    return tmp_path


def test_a_build_says_what_to_type(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["build", "own set.yaml", "train.epochs=1"]) == 7
    said = capsys.readouterr().err
    assert "own set.yaml:3: data.function is planted_data:make, which runs code" in said
    assert "to run it: edge-nas build 'own set.yaml' train.epochs=1 --trust-config\n" in said
    assert not (folder / "canary").exists()
    assert not (folder / "runs").exists()


def test_the_flag_runs_it(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["build", "own set.yaml", "--trust-config", "--quiet"]) == 3
    assert "planted_data:make returned NoneType" in capsys.readouterr().err
    assert (folder / "canary").exists()


def test_not_for_the_standard_library(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "bad.yaml").write_text("model: {name: 'os:system', arguments: {command: touch canary}}")
    for flag in ([], ["--trust-config"]):
        assert run(["build", "bad.yaml", *flag]) == 7
        said = capsys.readouterr().err
        assert "bad.yaml:1: model.name: os:system is of Python's standard library" in said
        assert "to run it" not in said
    assert not (folder / "canary").exists()


def test_showing_a_configuration_runs_nothing(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["config", "show", "own set.yaml"]) == 0
    assert "planted_data:make" in capsys.readouterr().out
    assert not (folder / "canary").exists()


@pytest.fixture
def strangers_run(folder: Path) -> Path:
    """A run as somebody else would hand it over, with a network that is of no matter here."""
    path = folder / "strangers"
    (path / "01_train").mkdir(parents=True)
    (path / "01_train" / "trained.npz").write_bytes(b"")
    config = load_config("own set.yaml", trust=True)
    (path / "config.yaml").write_text(dump_config(config))
    (path / "manifest.json").write_text(json.dumps(Manifest().sealed().to_data()))
    return path


def test_going_on_with_a_run_runs_nothing(strangers_run: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["build", "--run", str(strangers_run)]) == 7
    assert "data.function is planted_data:make" in capsys.readouterr().err
    assert not Path("canary").exists()


@pytest.mark.parametrize("command", [["analyze"], ["quantize", "--out", "net.tflite"]])
def test_the_images_of_a_run_are_made_by_trusted_code_only(
    command: list[str], strangers_run: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("edge_nas.models.outside.open_model", lambda *_, **__: None)
    monkeypatch.setattr("edge_nas.models.outside.input_shape_of", lambda _: (8, 8, 3))
    assert run([*command, str(strangers_run)]) == 7
    assert f"edge-nas {' '.join(command)} {strangers_run} --trust-config" in capsys.readouterr().err
    assert not Path("canary").exists()
    assert run([*command, str(strangers_run), "--trust-config"]) == 3
    assert Path("canary").exists()
