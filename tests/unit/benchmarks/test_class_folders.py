"""Class folders from masks."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from benchmarks.class_folders import copy_split


def _picture(path: Path, foreground: int) -> None:
    """A picture, or a mask whose first pixels of 100 are foreground."""
    path.parent.mkdir(parents=True, exist_ok=True)
    values = np.zeros(100, np.uint8)
    values[:foreground] = 255
    Image.fromarray(values.reshape(10, 10)).save(path)


def test_pictures_go_where_their_masks_say(tmp_path: Path) -> None:
    for name, foreground in {"a": 0, "b": 9, "c": 10, "d": 100}.items():
        _picture(tmp_path / "in/img" / f"{name}.png", 50)
        _picture(tmp_path / "in/mask" / f"{name}.png", foreground)
    (tmp_path / "in/groups.csv").write_text("name,group\na,first\nd,second\n")
    assert copy_split(tmp_path / "in", tmp_path / "out", 0.1) == {"little": 2, "much": 2}
    copied = sorted(str(path.relative_to(tmp_path / "out")) for path in (tmp_path / "out").rglob("*.png"))
    assert copied == ["little/a.png", "little/b.png", "much/c.png", "much/d.png"]
    assert (tmp_path / "out/much/d.png").read_bytes() == (tmp_path / "in/img/d.png").read_bytes()
    assert (tmp_path / "out/groups.csv").read_text().split() == ["name,group", "little/a,first", "much/d,second"]
    with pytest.raises(FileExistsError):
        copy_split(tmp_path / "in", tmp_path / "out", 0.1)
