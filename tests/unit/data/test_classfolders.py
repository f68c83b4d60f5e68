"""Data sets of class folders."""

from pathlib import Path

import numpy as np
import pytest

from edge_nas.data.classfolders import read_class_folders, read_evaluation_classes
from edge_nas.errors import DataError, UnsafeError

SHAPE = (4, 6, 3)


@pytest.fixture
def animals(tmp_path: Path, save) -> Path:
    """train: cat 0 1, dog 0; val: dog 5."""
    for name in ("train/cat/1", "train/cat/0", "train/dog/0", "val/dog/5"):
        save(f"animals/{name}.png", np.full((8, 8, 3), 10 * int(name[-1]), np.uint8))
    return tmp_path / "animals"


def test_classes_are_numbered_by_name(animals: Path) -> None:
    splits, classes = read_class_folders(animals, SHAPE)
    assert classes == ("cat", "dog")
    train = splits["train"]
    assert train.names == ("cat/0", "cat/1", "dog/0")
    assert train.labels.tolist() == [0, 0, 1]
    assert train.images.shape == (3, *SHAPE)
    assert train.images[:, 0, 0, 0].tolist() == [0, 10, 0]
    assert splits["val"].labels.tolist() == [1]
    assert train.groups is None


def test_names_that_are_given_are_the_numbers(animals: Path) -> None:
    splits, classes = read_class_folders(animals, SHAPE, ("dog", "owl", "cat"))
    assert classes == ("dog", "owl", "cat")
    assert splits["train"].labels.tolist() == [0, 2, 2]


def test_groups_name_images_with_their_class(animals: Path) -> None:
    (animals / "train/groups.csv").write_text("name,group\ncat/0,a\ncat/1,a\ndog/0,b\n")
    assert read_class_folders(animals, SHAPE).splits["train"].groups == ("a", "a", "b")


def test_all_problems_are_told_together(animals: Path, save) -> None:
    save("animals/val/owl/1.png", np.zeros((8, 8, 3), np.uint8))
    (animals / "train/dog/0.png").write_bytes(b"no image")
    (animals / "train/notes.txt").write_text("")
    (animals / "val/cat").mkdir()
    with pytest.raises(DataError) as caught:
        read_class_folders(animals, SHAPE)
    message = str(caught.value)
    assert message.startswith("4 problems in ")
    for part in ("val/owl: an unknown class; classes: cat, dog", "train/dog/0.png", "train/notes.txt: not a folder",
                 "val/cat: holds no image"):  # fmt: skip
        assert part in message


def test_missing_folders_and_links_outside(animals: Path) -> None:
    (animals / "val").rename(animals / "other")
    with pytest.raises(DataError, match="no folder val; a data set of classes is"):
        read_class_folders(animals, SHAPE)
    (animals / "val").mkdir()
    (animals / "val/dog").symlink_to("/")
    with pytest.raises(UnsafeError, match="outside the data set"):
        read_class_folders(animals, SHAPE)


def test_a_split_to_judge_on(animals: Path) -> None:
    assert read_evaluation_classes(animals, SHAPE, ("cat", "dog"))[0] == "val"
    split, raw = read_evaluation_classes(animals / "train", SHAPE, ("cat", "dog"))
    assert (split, len(raw.names)) == ("train", 3)
    with pytest.raises(DataError, match="an unknown class"):
        read_evaluation_classes(animals, SHAPE, ("0", "1"))


def test_grey_pictures_have_one_channel(animals: Path) -> None:
    train = read_class_folders(animals, (4, 6, 1)).splits["train"]
    assert train.images.shape == (3, 4, 6, 1)
    assert train.images[:, 0, 0, 0].tolist() == [0, 10, 0]
    assert read_evaluation_classes(animals, (4, 6, 1), ("cat", "dog"))[1].images.shape == (1, 4, 6, 1)
