"""`edge-nas evaluate` on real model files."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from edge_nas.cli.main import run


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
    scores = []
    for file in (tmp_path / "model.npz", tiny_models.float_tflite, tiny_models.float_onnx):
        assert run(["evaluate", str(file), "--data", str(folder), "--json"]) == 0
        data = json.loads(capsys.readouterr().out)
        assert data["evaluation"]["images"] == 3
        assert data["baselines"]["all_background"]["foreground_iou"] == 0.0
        scores.append(data["evaluation"]["metrics"]["miou"])
    assert scores[0] == pytest.approx(scores[1], abs=0.02)
    assert scores[0] == pytest.approx(scores[2], abs=0.02)


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
