"""`edge-nas quantize`: an int8 file without training, of the network of a run or of any model."""

import json
from pathlib import Path

import numpy as np
import pytest
from folders import contents

from edge_nas.cli.main import run
from edge_nas.int8.graph import float_tensors
from edge_nas.int8.reader import read_tflite


def test_a_model_and_images_give_an_int8_file_which_is_not_overwritten(
    place: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    command = ["quantize", "own_nets:net", "--data", "images", "--size", "8x8", "--out", "out/net.tflite"]
    command += ["--rounding", "covariance", "--bias-correction"]
    assert run([*command, "--json"]) == 0
    data = (place / "out" / "net.tflite").read_bytes()
    printed = json.loads(capsys.readouterr().out)
    fidelity = printed.pop("fidelity")
    assert printed == {"status": "ok", "file": "out/net.tflite", "bytes": len(data)}
    assert [0 < output["error"] < 0.3 for output in fidelity["outputs"]] == [True]
    assert not float_tensors(read_tflite(data, "net.tflite"))
    assert run(command) == 2
    assert "out/net.tflite exists and is not overwritten" in capsys.readouterr().err
    assert (place / "out" / "net.tflite").read_bytes() == data


def test_a_model_of_several_inputs_takes_an_array_of_each_name(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    arrays = {
        "image": np.random.default_rng(0).integers(0, 256, (6, 4, 4, 1), np.uint8),
        "numbers": np.random.default_rng(1).normal(size=(6, 3)),
    }
    np.savez(place / "inputs.npz", **arrays, others=np.zeros(2))
    named = ["own_nets:two_inputs", "--data", "inputs.npz"]
    assert run(["quantize", *named, "--out", "net.tflite", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["fidelity"]["outputs"][0]["error"] < 0.1
    graph = read_tflite((place / "net.tflite").read_bytes(), "net.tflite")
    assert [graph.tensors[index].shape for index in graph.inputs] == [(1, 4, 4, 1), (1, 3)]
    assert run(["analyze", *named, "--images", "4", "--json"]) == 0
    analysed = json.loads(capsys.readouterr().out)
    assert (analysed["images"], [layer["name"] for layer in analysed["layers"]]) == (4, ["last"])
    mistakes = {
        "lacks.npz": (
            {"image": arrays["image"]},
            "holds no array 'numbers'; the network has the inputs image, numbers",
        ),
        "uneven.npz": ({**arrays, "numbers": np.zeros((5, 3))}, "6 samples (image), 5 samples (numbers)"),
    }
    for file, (held, message) in mistakes.items():
        np.savez(place / file, **held)
        assert run(["analyze", "own_nets:two_inputs", "--data", file]) == 3
        assert message in capsys.readouterr().err
    assert run(["analyze", "own_nets:two_inputs", "--data", "images"]) == 3
    assert "takes a .npz file with an array of each name, or" in capsys.readouterr().err
    assert run(["analyze", *named, "--size", "4x4"]) == 2
    assert "--size is of one input; the model has image, numbers" in capsys.readouterr().err


@pytest.mark.parametrize("spelling", [["{run}"], ["--run", "{run}"]])
def test_a_run_is_read_and_stays_as_it_is(spelling: list[str], trained_run: Path, tmp_path: Path) -> None:
    before = contents(trained_run)
    out = tmp_path / "net.tflite"
    assert run(["quantize", *(word.format(run=trained_run) for word in spelling), "--out", str(out)]) == 0
    assert not float_tensors(read_tflite(out.read_bytes(), "net.tflite"))
    assert contents(trained_run) == before


@pytest.mark.usefixtures("place")
def test_a_registered_name_is_no_model_to_quantize(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["quantize", "nano_u", "--data", "images", "--out", "net.tflite"]) == 2
    assert "a registered name has no weights of its own; allowed: a .npz, .keras" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ([], "name one RUN or MODEL, or a run with --run RUN; seen: none"),
        (["a", "b", "--data", "images", "--out", "x.tflite"], "name one RUN or MODEL, or a run with --run RUN"),
        (["a", "--data", "images"], "--out is None; name the file to write, with the ending .tflite"),
        (["a", "--data", "images", "--out", "x.bin"], "--out is x.bin; name the file to write"),
        (["a", "--data", "images", "--out", "x.tflite", "--size", "8"], "--size is '8'; allowed: HEIGHTxWIDTH"),
    ],
)
def test_mistakes_are_told(arguments: list[str], message: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["quantize", *arguments]) == 2
    assert message in capsys.readouterr().err
