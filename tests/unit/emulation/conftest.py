"""Frames for the small model: their first four bytes say how often it spins."""

import shutil
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest


@pytest.fixture(scope="session")
def spinning() -> Callable[[Sequence[int]], npt.NDArray[np.int8]]:
    """Returns a function that makes one frame of 12 codes per number of turns."""

    def frames(turns: Sequence[int]) -> npt.NDArray[np.int8]:
        codes = np.random.default_rng(0).integers(-128, 128, (len(turns), 12), dtype=np.int8)
        codes[:, :4] = np.array(turns, "<u4").view(np.int8).reshape(-1, 4)
        return codes

    return frames


@pytest.fixture
def altered(tmp_path: Path, small_model: Path) -> Callable[[str, str], Path]:
    """Returns a function that gives a copy of the small model with one piece of its C replaced."""

    def alter(old: str, new: str) -> Path:
        folder = shutil.copytree(small_model, tmp_path / "altered")
        text = (folder / "edge_model.c").read_text()
        assert old in text
        (folder / "edge_model.c").write_text(text.replace(old, new))
        return folder

    return alter
