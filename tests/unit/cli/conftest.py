"""A user's folder: a module with a network, and images."""

from pathlib import Path

import pytest
from PIL import Image

MODULE = """
import tf_keras
def net():
    return tf_keras.Sequential([tf_keras.layers.Conv2D(4, 3, name="stem"), tf_keras.layers.Conv2D(1, 1, name="logit")])
"""


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Returns the current folder, with `own_nets:net` and two images of 8x8 in `images`."""
    (tmp_path / "own_nets.py").write_text(MODULE, encoding="utf-8")
    (tmp_path / "images").mkdir()
    for number in range(2):
        Image.effect_noise((8, 8), 60).convert("RGB").save(tmp_path / "images" / f"{number}.png")
    monkeypatch.chdir(tmp_path)
    return tmp_path
