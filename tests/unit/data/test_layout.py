"""Layouts of pictures that newcomers have, told apart by names alone."""

from pathlib import Path

import numpy as np
import pytest

from edge_nas.data.layout import advice, find_layout

PICTURE, MASK = np.zeros((8, 8, 3), np.uint8), np.eye(8, dtype=np.uint8)
LAYOUTS = {
    "taken": (["train/img/a.png", "train/mask/a.png", "val/img/b.png", "val/mask/b.png"], True),
    "other names": (["train/images/a.jpg", "train/labels/a.png", "valid/images/b.jpg", "valid/labels/b.png"], False),
    "parts first": (["images/train/a.png", "masks/train/a.png", "images/val/b.png", "masks/val/b.png"], False),
    "not split": (["images/a.png", "images/b.png", "masks/a_mask.png", "masks/b_mask.png"], False),
    "side by side": (["a.png", "a_mask.png", "b.png", "b_mask.png"], False),
}


@pytest.mark.parametrize("name", LAYOUTS)
def test_pictures_and_masks_are_paired(name: str, tmp_path: Path, save) -> None:
    files, is_taken = LAYOUTS[name]
    for file in files:
        save(file, MASK if "mask" in file or "label" in file else PICTURE)
    layout = find_layout(tmp_path)
    assert layout is not None
    assert (layout.kind, layout.is_taken) == ("masks", is_taken)
    placed = sorted(place for samples in layout.samples.values() for sample in samples for place in sample.files)
    assert [place.rpartition(".")[0] for place in placed] == ["img/a", "img/b", "mask/a", "mask/b"]
    assert layout.is_split == (len({file.split("/")[0] for file in files}) == 2 and name != "not split")
    assert (f"init NAME --data {tmp_path}" in advice(tmp_path)) == (not is_taken)


def test_classes(tmp_path: Path, save) -> None:
    for file in ("cat/a.png", "dog/b.png"):
        save(file, PICTURE)
    layout = find_layout(tmp_path)
    assert layout is not None
    assert (layout.kind, layout.is_split, layout.is_taken) == ("classes", False, False)


def test_pictures_whose_masks_are_missing_are_no_classes(tmp_path: Path, save) -> None:
    for file in ("train/img/a.png", "val/img/b.png", "images/c.png", "other/d.png"):
        save(file, PICTURE)
    assert find_layout(tmp_path) is None
    assert advice(tmp_path) == ""


def test_files_without_partners_are_told(tmp_path: Path, save) -> None:
    for file in ("images/a.png", "images/b.png", "masks/a.png"):
        save(file, MASK if "mask" in file else PICTURE)
    layout = find_layout(tmp_path)
    assert layout is not None
    assert [file.name for file in layout.lonely] == ["b.png"]
