"""`edge-nas analyze`: a stage of a run, or any model on any images."""

import json
from pathlib import Path
from typing import Any

import kerasfiles
import pytest

from edge_nas import pipeline
from edge_nas.cli.main import run
from edge_nas.results.result import Result, assemble


def test_a_model_on_images(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    command = ["analyze", "own_nets:net", "--data", "images", "--size", "8x8", "--out", "out"]
    assert run(command) == 0
    text = capsys.readouterr().out
    assert "stem" in text
    assert "recommended widths" in text
    assert {file.name for file in (place / "out").iterdir()} == {
        "redundancy.json",
        "redundancy.txt",
        "correlation.png",
        "spectrum.png",
    }
    assert run([*command[:-2], "--images", "1", "--json"]) == 0
    data = json.loads(capsys.readouterr().out)
    assert (data["status"], data["images"], [layer["name"] for layer in data["layers"]]) == ("ok", 1, ["stem", "logit"])


def test_a_keras_file_of_keras_3(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    kerasfiles.write(place / "net.keras", "k3.keras")
    assert run(["analyze", "net.keras", "--data", "images", "--json"]) == 0
    assert [layer["name"] for layer in json.loads(capsys.readouterr().out)["layers"]] == ["logit"]
    evil = kerasfiles.lambda_layer("k3.keras")
    kerasfiles.write(place / "evil.keras", "k3.keras", config=lambda c: kerasfiles.behind_the_input(c, evil))
    assert run(["analyze", "evil.keras", "--data", "images"]) == 7
    assert "evil.keras: layer 'evil' is a Lambda" in capsys.readouterr().err


def test_with_a_run_it_is_the_stage(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, sample_outputs: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    asked = []

    def run_stage(stage: str, config: Any, folder: Path, *, progress: Any) -> Result:
        asked.append((stage, config.analyze.width_error, folder))
        return assemble("demo", sample_outputs.all(), {})

    monkeypatch.setattr(pipeline, "run_stage", run_stage)
    assert run(["analyze", "nano_u_48x64", "analyze.width_error=0.05", "--run", str(tmp_path), "--json"]) == 0
    assert asked == [("analyze", 0.05, tmp_path)]
    assert json.loads(capsys.readouterr().out)["status"] == "ok"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ([], "name a MODEL and --data DIR, or a run folder with --run DIR"),
        (["a", "b", "--data", "images"], "--data goes with one MODEL; seen a b"),
        (["--data", "images"], "--data goes with one MODEL; seen none"),
        (["a", "--data", "images", "--run", "r"], "exclude each other"),
        (["a", "--data", "images", "--plots", "gif"], "--plots is 'gif'; allowed: png, svg"),
        (["own_nets:net", "--data", "images", "--size", "8"], "--size is '8'; allowed: HEIGHTxWIDTH"),
    ],
)
def test_wrong_arguments(place: Path, arguments: list[str], message: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["analyze", *arguments]) == 2
    assert message in capsys.readouterr().err
