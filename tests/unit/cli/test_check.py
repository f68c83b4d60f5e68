import json
import subprocess
import sys
import time
from pathlib import Path

import pytest

from edge_nas.cli.main import run

SMALL = ["model=nano_u", "data.input_shape=[16,16,3]", "data.terrain.train_images=4", "data.terrain.val_images=2",
         "data.terrain.test_images=2", "model.arguments.widths=[4,4,4,4,4,4]"]  # fmt: skip
WRONG = {
    "deploy.board=nope": 2,
    "prune.criterion=nope": 2,
    "model=nope": 2,
    "model=nope.keras": 3,
    "data={source: folder, root: nope}": 3,
    f"train.epochs={10**24}": 2,
}
LIMIT_S = 20  # processor time; of a check that has to build the network, TensorFlow's start included
_SCRIPT = """
import sys
from edge_nas.cli.main import run
code = run(sys.argv[1:])
assert "tensorflow" not in sys.modules
sys.exit(code)
"""


@pytest.mark.parametrize("command", ["check", "build"])
@pytest.mark.parametrize("setting", WRONG)
def test_a_mistake_is_found_before_anything_is_made(
    setting: str, command: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    assert run([command, setting]) == WRONG[setting]
    assert capsys.readouterr().out == ""
    assert not list(tmp_path.glob("runs/*/0*"))


@pytest.mark.parametrize("command", ["check", "build"])
def test_a_board_by_its_short_form_is_the_setting(
    command: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    assert run([command, "--board", "nope"]) == WRONG["deploy.board=nope"]
    by_option = capsys.readouterr().err
    assert run([command, "deploy.board=nope"]) == WRONG["deploy.board=nope"]
    assert by_option == capsys.readouterr().err


@pytest.mark.parametrize("setting", ["deploy.board=nope", "prune.criterion=nope", "data={source: folder, root: nope}"])
def test_it_is_found_without_tensorflow(setting: str, tmp_path: Path) -> None:
    command = [sys.executable, "-c", _SCRIPT, "check", setting]
    assert subprocess.run(command, cwd=tmp_path, check=False).returncode == WRONG[setting]


def test_what_it_says(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.chdir(tmp_path)
    begin = time.process_time()
    assert run(["check", *SMALL, "name=mine", "--board", "nrf52840"]) == 0
    assert time.process_time() - begin < LIMIT_S
    data, network, board, ready = capsys.readouterr().out.splitlines()
    assert "4 train, 2 val, 2 test; 16 x 16 x 3 uint8" in data
    assert network.startswith("network   nano_u: ")
    assert network.endswith("BatchNormalization")
    assert board.startswith("board     nrf52840, planned at prune.ratio=0.5: SRAM ")
    assert " of 256 KiB, flash " in board
    assert ready == "ready     edge-nas build " + " ".join(f"'{word}'" if "[" in word else word for word in SMALL) + (
        " name=mine deploy.board=nrf52840"
    )
    assert list(tmp_path.iterdir()) == []


def test_as_json(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.chdir(tmp_path)
    assert run(["check", *SMALL, "--json"]) == 0
    said = json.loads(capsys.readouterr().out)
    assert said["status"] == "ok"
    assert said["data"]["train"]["images"] == 4
    assert run(["check", "model=nope", "--json"]) == 2
    assert json.loads(capsys.readouterr().out)["failure"]["exit_code"] == 2


def test_code_that_a_file_names(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("own.yaml").write_text("model: 'planted_nets:lanes'")
    Path("planted_nets.py").write_text("raise SystemExit('it was imported')")
    assert run(["check", "own.yaml"]) == 7
    assert "to run it: edge-nas check own.yaml --trust-config" in capsys.readouterr().err
