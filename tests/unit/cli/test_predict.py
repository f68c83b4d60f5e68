"""`edge-nas predict`: masks and overlays, and no file lost."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from edge_nas.cli.main import run
from edge_nas.cli.predict import _refuse_existing, plan_files
from edge_nas.core.preprocessing import Preprocessing
from edge_nas.errors import ConfigError, ResourceError
from edge_nas.tasks.overlay import TINT


@pytest.fixture
def images(tmp_path: Path) -> Path:
    folder = tmp_path / "in"
    folder.mkdir()
    generator = np.random.default_rng(0)
    for name, size in (("a.png", (8, 8)), ("b.png", (16, 24))):
        Image.fromarray(generator.integers(0, 256, (*size, 3), dtype=np.uint8)).save(folder / name)
    return folder


def test_a_folder(tiny_models: Any, images: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "out"
    assert run(["predict", str(tiny_models.float_tflite), str(images), "--out", str(out), "--json"]) == 0
    assert len(json.loads(capsys.readouterr().out)["files"]) == 2
    assert sorted(path.name for path in out.iterdir()) == [
        "a_mask.png",
        "a_overlay.png",
        "b_mask.png",
        "b_overlay.png",
    ]
    mask = np.asarray(Image.open(out / "b_mask.png"))
    assert mask.shape == (16, 24)
    image = np.asarray(Image.open(images / "a.png"))
    logits = tiny_models.keras(Preprocessing().apply(image[None]))[0, :, :, 0]
    truth = np.asarray(logits) > 0
    mask = np.asarray(Image.open(out / "a_mask.png"))
    np.testing.assert_array_equal(mask, truth * 255)
    overlay = np.asarray(Image.open(out / "a_overlay.png")).astype(int)
    np.testing.assert_array_equal(overlay[~truth], image[~truth])
    np.testing.assert_allclose(overlay[truth], (image[truth] + np.array(TINT)) / 2, atol=1)


def test_existing_files_are_kept_unless_told(
    tiny_models: Any, images: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "out"
    out.mkdir()
    (out / "b_mask.png").write_text("painted by hand")
    command = ["predict", str(tiny_models.float_tflite), str(images), "--out", str(out), "--quiet"]
    assert run(command) == 2
    assert capsys.readouterr().err == f"edge-nas: {out}/b_mask.png exist; name another --out, or give --overwrite\n"
    assert [path.name for path in out.iterdir()] == ["b_mask.png"]
    assert (out / "b_mask.png").read_text() == "painted by hand"
    assert run([*command, "--overwrite"]) == 0
    assert Image.open(out / "b_mask.png").size == (24, 16)


def test_a_broken_image(tiny_models: Any, images: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (images / "a.png").write_bytes(b"no image")
    assert run(["predict", str(tiny_models.float_tflite), str(images), "--out", str(tmp_path / "out")]) == 3
    assert "a.png" in capsys.readouterr().err


def test_two_images_of_one_name(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"a\.png and a\.jpg would both write .*a_mask\.png; rename one of them"):
        plan_files((Path("a.png"), Path("a.jpg")), tmp_path, overwrite=True)


def test_a_name_that_is_too_long_with_what_is_added(tmp_path: Path) -> None:
    with pytest.raises(ResourceError, match="the name is too long for this file system; choose a shorter one"):
        _refuse_existing([tmp_path / f"{'x' * 250}_mask.png"], overwrite=False)
