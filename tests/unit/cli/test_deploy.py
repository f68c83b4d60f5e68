import json
from pathlib import Path
from typing import Any

import pytest
from int8graphs.single import Given, single

from edge_nas.boards import Fact, load_board
from edge_nas.cli.main import run
from edge_nas.core import strictyaml
from edge_nas.deployment import vela


@pytest.fixture(autouse=True)
def bare(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A machine without compilers and emulators."""
    (tmp_path / "bin").mkdir()
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))


def test_a_bundle_of_a_file(tiny_models: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    command = ["deploy", str(tiny_models.int8_tflite), "--board", "nrf52840", "--out", str(tmp_path / "mine")]
    assert run([*command, "--json"]) == 0
    data = json.loads(capsys.readouterr().out)
    assert data["board"] == "nrf52840"
    assert "arm-none-eabi-gcc and qemu-system-arm is missing" in data["budget"][0]["basis"]
    assert (tmp_path / "mine/src/edge_model.c").is_file()
    assert not (tmp_path / "mine.new").exists()
    assert run(command) == 0  # again: a bundle is replaced
    rows = dict(line.split(maxsplit=1) for line in capsys.readouterr().out.splitlines() if line[0] != " ")
    assert rows["nrf52840"].startswith("fits: flash ")
    # Without compilers the interpreter in numpy is all that was held equal.
    assert rows["proof"] == "none: neither gcc nor an emulator is installed; edge-nas doctor says what brings them"
    assert rows["bundle"].endswith("start with README.md")


def test_an_input_that_is_no_image_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    model = tmp_path / "dense.tflite"
    model.write_bytes(single("RELU", [Given((1, 12))], Given((1, 12))).data)
    assert run(["deploy", str(model), "--board", "host", "--out", str(tmp_path / "mine")]) == 0
    told = "no edge_preprocess: the input of shape (1, 12) is not one image of 1 or 3 channels; fill edge_model_input()"
    assert told in capsys.readouterr().out
    assert not (tmp_path / "mine/src/edge_preprocess.h").exists()


def test_what_an_npu_would_take_is_told(
    tiny_models: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    command = ["deploy", str(tiny_models.int8_tflite), "--board", "corstone300", "--out", str(tmp_path / "mine")]
    if vela.installed():
        assert run(command) == 0
        assert "bytes of SRAM, an estimate of ethos-u-vela 5.2" in capsys.readouterr().out
    monkeypatch.setattr(vela, "version", lambda: None)
    assert run(command) == 0
    assert f"no estimate for the NPU: {vela.NOT_INSTALLED}" in capsys.readouterr().out


def test_a_bundle_that_does_not_fit_is_kept_as_rejected(
    tiny_models: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    small = load_board("nrf52840").model_copy(update={"sram_bytes": Fact(value=10, source="a small one")})
    (tmp_path / "small.yaml").write_text(strictyaml.dump(small.to_data()))
    out = tmp_path / "mine"
    assert (
        run(["deploy", str(tiny_models.int8_tflite), "--board", str(tmp_path / "small.yaml"), "--out", str(out)]) == 4
    )
    error = capsys.readouterr().err
    assert "SRAM is over by" in error
    assert f"The bundle is kept as {out}.rejected" in error
    assert (tmp_path / "mine.rejected/README.md").is_file()
    assert not out.exists()


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (["{model}", "--board", "nrf", "--out", "x"], 2, "unknown board 'nrf'"),
        (["{model}", "--board", "nrf52840"], 2, "name the bundle's folder with --out DIR"),
        (["none.tflite", "--board", "nrf52840", "--out", "x"], 3, "no such file"),
        (["{model}", "--board", "nrf52840", "--out", "{folder}"], 2, "exists and is no bundle"),
    ],
)
def test_mistakes(  # noqa: PLR0917 - fixtures are asked for by name
    arguments: list[str],
    code: int,
    message: str,
    tiny_models: Any,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    filled = [text.format(model=tiny_models.int8_tflite, folder=tmp_path) for text in arguments]
    assert run(["deploy", *filled]) == code
    assert message in capsys.readouterr().err
