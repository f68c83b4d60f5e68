"""Small pictures on disk, and a data set made of them."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

Save = Callable[..., Path]


@pytest.fixture
def save(tmp_path: Path) -> Save:
    """save("a/b.png", array, mode=None, **options): writes pixels under tmp_path and returns the path."""

    def write(name: str, pixels: object, mode: str | None = None, **options: Any) -> Path:
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        image = Image.fromarray(np.asarray(pixels))
        (image if mode is None else image.convert(mode)).save(path, **options)
        return path

    return write


@pytest.fixture
def drive(tmp_path: Path, save: Save) -> Path:
    """A data set of 8x8 pictures: train a0 a1 b0 b1, val b2 c0, with the letter as group."""
    root = tmp_path / "drive"
    for split, names in (("train", ("a0", "a1", "b0", "b1")), ("val", ("b2", "c0"))):
        for index, name in enumerate(names):
            shade = 10 * index + (100 if split == "val" else 0)
            save(f"drive/{split}/img/{name}.png", np.full((8, 8, 3), shade, np.uint8))
            mask = np.zeros((8, 8), np.uint8)
            mask[4:, : 2 * index + 2] = 255
            save(f"drive/{split}/mask/{name}.png", mask)
        rows = ["name,group", *(f"{name},{name[0]}" for name in names)]
        (root / split / "groups.csv").write_text("\n".join(rows) + "\n")
    return root
