"""`edge-nas evaluate` on real model files."""

import importlib
import json
from pathlib import Path
from typing import Any

import kerasfiles
import numpy as np
import pytest
from PIL import Image

from edge_nas.cli.artifact import _task_for
from edge_nas.cli.main import run
from edge_nas.errors import ArtifactError


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    generator = np.random.default_rng(0)
    for kind in ("img", "mask"):
        (tmp_path / "val" / kind).mkdir(parents=True)
    for number in range(3):
        image = generator.integers(0, 256, (8, 8, 3), dtype=np.uint8)
        mask = (generator.integers(0, 2, (8, 8)) * 255).astype(np.uint8)
        Image.fromarray(image).save(tmp_path / "val" / "img" / f"{number}.png")
        Image.fromarray(mask).save(tmp_path / "val" / "mask" / f"{number}.png")
    return tmp_path


def test_formats_of_one_network_score_alike(
    tiny_models: Any, folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    from edge_nas.models import save_model

    save_model(tiny_models.keras, tmp_path / "model.npz")
    kerasfiles.save(tiny_models.keras, tmp_path / "model.keras")
    kerasfiles.save(tiny_models.keras, tmp_path / "model.h5")
    own = [tmp_path / "model.npz", tmp_path / "model.keras", tmp_path / "model.h5"]
    scores = []
    for file in (*own, tiny_models.float_tflite, tiny_models.float_onnx):
        assert run(["evaluate", str(file), "--data", str(folder), "--json"]) == 0
        data = json.loads(capsys.readouterr().out)
        assert data["evaluation"]["images"] == 3
        assert data["baselines"]["all_background"]["foreground_iou"] == 0.0
        scores.append(data["evaluation"]["metrics"]["miou"])
    assert scores[0] == scores[1] == scores[2]
    assert scores[3:] == pytest.approx([scores[0]] * 2, abs=0.02)


def test_the_table(tiny_models: Any, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["evaluate", str(tiny_models.int8_tflite), "--data", str(folder)]) == 0
    text = capsys.readouterr().out
    assert "litert reference) on 3 images of val" in text
    assert "all background" in text


@pytest.mark.parametrize(("name", "code"), [("missing.tflite", 3), ("broken.tflite", 3), ("model.txt", 3)])
def test_what_is_no_model(name: str, code: int, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "broken.tflite").write_bytes(b"TFL3")
    (folder / "model.txt").write_text("x")
    assert run(["evaluate", str(folder / name), "--data", str(folder)]) == code
    assert str(folder / name) in capsys.readouterr().err


NETS = """
import tf_keras
@tf_keras.saving.register_keras_serializable("mine")
class Halve(tf_keras.layers.Layer):
    def call(self, x):
        return x * 0.5
@tf_keras.saving.register_keras_serializable("mine")
class Net(tf_keras.Model):
    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        self.inner = [tf_keras.layers.Conv2D(1, 1), Halve()]
    def call(self, x):
        return self.inner[1](self.inner[0](x))
"""


def test_a_subclassed_network_of_ones_own(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "own_nets_for_evaluate.py").write_text(NETS, encoding="utf-8")
    monkeypatch.chdir(folder)
    monkeypatch.syspath_prepend(folder)
    model = importlib.import_module("own_nets_for_evaluate").Net()
    model(np.zeros((1, 8, 8, 3), np.float32))
    kerasfiles.save(model, folder / "net.keras")
    command = ["evaluate", "net.keras", "--data", str(folder), "--json"]
    assert run(command) == 7
    assert "--custom-object module:Class" in capsys.readouterr().err
    named = [f"--custom-object=own_nets_for_evaluate:{name}" for name in ("Net", "Halve")]
    assert run([*command, *named]) == 0
    assert json.loads(capsys.readouterr().out)["runtime"] == "keras"


def test_trust_is_asked_for(folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.chdir(folder)
    evil = kerasfiles.lambda_layer("k2.h5")
    kerasfiles.write(folder / "net.h5", "k2.h5", config=lambda config: kerasfiles.behind_the_input(config, evil))
    assert run(["evaluate", "net.h5", "--data", str(folder)]) == 7
    assert "--trust-model" in capsys.readouterr().err
    assert not (folder / kerasfiles.CANARY).exists()
    assert run(["evaluate", "net.h5", "--data", str(folder), "--trust-model"]) == 0
    assert (folder / kerasfiles.CANARY).exists()


def test_a_network_of_something_else(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    kerasfiles.write(
        folder / "net.h5",
        "k2.h5",
        config=lambda config: config["config"]["layers"][1]["config"].update(strides=[2, 2]),
    )
    assert run(["evaluate", str(folder / "net.h5"), "--data", str(folder)]) == 3
    assert "the output has shape (None, 4, 4, 1); a network of one logit per pixel" in capsys.readouterr().err


def test_a_network_that_takes_more_than_any_machine_has() -> None:
    with pytest.raises(ArtifactError, match=r"x\.onnx: the input has shape \(2147483647, 8, 3\); up to 67,108,864"):
        _task_for(Path("x.onnx"), None, (), (2**31 - 1, 8, 3), (1, 8, 8, 1))


def test_a_network_of_nan_is_named(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    def spoil(group: Any) -> None:
        group["bias:0"][...] = np.nan

    kerasfiles.write(folder / "net.h5", "k2.h5", weights=spoil)
    assert run(["evaluate", str(folder / "net.h5"), "--data", str(folder)]) == 3
    assert "net.h5: the network gave NaN for" in capsys.readouterr().err


@pytest.mark.parametrize("outputs", [[], [["logit", 0, 0], ["image", 0, 0]]])
def test_a_network_of_no_or_of_two_outputs(
    outputs: list[Any], folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    kerasfiles.write(folder / "net.h5", "k2.h5", config=lambda config: config["config"].update(output_layers=outputs))
    assert run(["evaluate", str(folder / "net.h5"), "--data", str(folder)]) == 3
    assert f"net.h5: 1 inputs and {len(outputs)} outputs; one of each is expected" in capsys.readouterr().err


def test_a_task_that_there_is_not_or_that_the_file_has_not(
    tiny_models: Any, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    command = ["evaluate", str(tiny_models.float_tflite), "--data", str(folder), "--task"]
    assert run([*command, "detection"]) == 2
    assert "unknown task 'detection'; known: binary_segmentation, classification," in capsys.readouterr().err
    assert run([*command, "classification", "--classes", "a,b"]) == 2
    assert "the network has 1 outputs, but 2 classes are named" in capsys.readouterr().err
    assert run([*command, "regression"]) == 3
    assert "a network of task 'regression', (N, 1), is expected" in capsys.readouterr().err
