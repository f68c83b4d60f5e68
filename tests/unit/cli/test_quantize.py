"""`edge-nas quantize`: a stage of a run, or any model with images for its ranges."""

import json
from pathlib import Path
from typing import Any

import pytest

from edge_nas import pipeline
from edge_nas.cli.main import run
from edge_nas.int8.graph import float_tensors, read_tflite
from edge_nas.results.result import Result, assemble


def test_a_model_and_images_give_an_int8_file_which_is_not_overwritten(
    place: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    command = ["quantize", "own_nets:net", "--data", "images", "--size", "8x8", "--out", "out/net.tflite"]
    command += ["--rounding", "covariance", "--bias-correction"]
    assert run([*command, "--json"]) == 0
    data = (place / "out" / "net.tflite").read_bytes()
    assert json.loads(capsys.readouterr().out) == {"status": "ok", "file": "out/net.tflite", "bytes": len(data)}
    assert not float_tensors(read_tflite(data, "net.tflite"))
    assert run(command) == 2
    assert "out/net.tflite exists and is not overwritten" in capsys.readouterr().err
    assert (place / "out" / "net.tflite").read_bytes() == data


def test_with_a_run_it_is_the_stage(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, sample_outputs: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    asked = []

    def run_stage(stage: str, config: Any, folder: Path, *, progress: Any) -> Result:
        asked.append((stage, config.quantize.scheme, folder))
        return assemble("demo", sample_outputs.all(), {})

    monkeypatch.setattr(pipeline, "run_stage", run_stage)
    assert run(["quantize", "nano_u_48x64", "quantize.scheme=ptq", "--run", str(tmp_path), "--json"]) == 0
    assert asked == [("quantize", "ptq", tmp_path)]
    assert json.loads(capsys.readouterr().out)["status"] == "ok"


@pytest.mark.usefixtures("place")
def test_a_registered_name_is_no_model_to_quantize(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["quantize", "nano_u", "--data", "images", "--out", "net.tflite"]) == 2
    assert "a registered name has no weights of its own; allowed: a .npz, .keras" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ([], "name a MODEL, --data DIR and --out FILE.tflite, or a run folder with --run DIR"),
        (["a", "b", "--data", "images", "--out", "x.tflite"], "--data goes with one MODEL; seen a b"),
        (["a", "--data", "images", "--out", "x.tflite", "--run", "r"], "exclude each other"),
        (["a", "--data", "images"], "--out is None; name the file to write, with the ending .tflite"),
        (["a", "--data", "images", "--out", "x.bin"], "--out is x.bin; name the file to write"),
        (["--run", "r", "--rounding", "covariance"], "quantize.scheme=ptq quantize.rounding=covariance"),
        (["--run", "r", "--bias-correction"], "--rounding and --bias-correction are of a MODEL"),
        (["a", "--data", "images", "--out", "x.tflite", "--size", "8"], "--size is '8'; allowed: HEIGHTxWIDTH"),
    ],
)
def test_mistakes_are_told(arguments: list[str], message: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["quantize", *arguments]) == 2
    assert message in capsys.readouterr().err
