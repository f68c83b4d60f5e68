"""`edge-nas analyze`: the network of a run, or any model, on any images."""

import json
from pathlib import Path

import kerasfiles
import pytest
from folders import contents

from edge_nas.cli.main import run


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


@pytest.mark.parametrize("spelling", [["{run}"], ["--run", "{run}"]])
def test_a_run_is_read_and_stays_as_it_is(
    spelling: list[str], trained_run: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = contents(trained_run)
    named = [word.format(run=trained_run) for word in spelling]
    assert run(["analyze", *named, "--out", str(tmp_path / "out"), "--json"]) == 0
    data = json.loads(capsys.readouterr().out)
    assert data["images"] == 3  # its own calibration images
    assert {layer["name"] for layer in data["layers"]} >= {"stem"}
    assert (tmp_path / "out" / "redundancy.json").is_file()
    assert run(["analyze", *named, "--images", "2", "--json"]) == 0
    data = json.loads(capsys.readouterr().out)
    assert (data["images"], data["files"]) == (2, [])
    assert contents(trained_run) == before


def test_a_run_without_a_trained_network(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "config.yaml").write_text("name: mine\n")
    assert run(["analyze", "--run", str(tmp_path)]) == 3
    assert f"make it with: edge-nas build --run {tmp_path} --until train" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ([], "name one RUN or MODEL, or a run with --run RUN; seen: none"),
        (["a", "b", "--data", "images"], "name one RUN or MODEL, or a run with --run RUN; seen: a b"),
        (["--run", "images"], "images is not a run"),
        (["own_nets:net"], "own_nets:net is no run, which would bring its own images: name some with --data DIR"),
        (["a", "seed=3"], "edge-nas build --run RUN --from analyze --until analyze KEY=VALUE"),
        (["a", "--data", "images", "--plots", "gif"], "--plots is 'gif'; allowed: png, svg"),
        (["own_nets:net", "--data", "images", "--size", "8"], "--size is '8'; allowed: HEIGHTxWIDTH"),
    ],
)
def test_wrong_arguments(place: Path, arguments: list[str], message: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["analyze", *arguments]) == 2
    assert message in capsys.readouterr().err
