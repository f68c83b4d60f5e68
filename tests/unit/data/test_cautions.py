"""What is said of a data set before anything is trained on it."""

from pathlib import Path

import numpy as np
from PIL import Image

from edge_nas.data.cautions import Repeat, cautions, repeats
from edge_nas.data.dataset import Dataset, ImageSet
from edge_nas.data.folder import FolderSource
from edge_nas.data.loader import load_dataset
from edge_nas.tasks import Regression


def split(*levels: int, names: str = "n") -> ImageSet:
    """Images of one grey level each, half of every mask foreground."""
    images = np.zeros((len(levels), 2, 2, 3), np.uint8) + np.array(levels, np.uint8)[:, None, None, None]
    masks = np.zeros((len(levels), 2, 2), np.uint8)
    masks[:, 0] = 1
    return ImageSet(images, masks, tuple(f"{names}{number}" for number in range(len(levels))))


def test_splits_of_their_own_are_nothing_to_say() -> None:
    assert list(cautions(Dataset(split(1, 2), split(3), split(4)))) == []


def test_what_training_holds_as_well_is_named_and_counted() -> None:
    train, val = split(1, 2, 2, 5), split(2, 7, 5, names="v")
    assert repeats(train, val) == (Repeat("v0", "n1"), Repeat("v2", "n3"))
    (said,) = cautions(Dataset(train, val))
    assert said.startswith("2 of the 3 images of val are in train as well, by their content (v0 is train's n1, v2 is")


def test_of_many_a_few_are_named_and_test_counts_too() -> None:
    levels = range(9)
    said = list(cautions(Dataset(split(*levels), split(*levels), split(8, 100))))
    assert "9 of the 9 images of val" in said[0]
    assert "n4 is train's n4, and 4 more)" in said[0]
    assert said[1].startswith("1 of the 2 images of test are in train as well, by their content (n0 is train's n8)")


def test_groups_that_training_has_seen() -> None:
    data = Dataset(split(1, 2), split(3), split(4), shared_groups=tuple("abcdefg"))
    (said,) = cautions(data)
    assert "shares groups with training (a, b, c, d, e and 2 more)" in said
    assert "data.holdout_group" in said


def test_one_different_value_is_another_image_and_labels_do_not_count() -> None:
    train, val = split(1, 2), split(1, 2)
    images = val.images.copy()
    images[0, 1, 1, 2] += 1
    other = ImageSet(images, np.zeros((2, 2, 2), np.uint8), val.names)
    assert repeats(train, other) == (Repeat("n1", "n1"),)


def test_signals_are_compared_as_well() -> None:
    values = np.arange(12, dtype=np.float32).reshape(3, 4)
    labels = np.arange(3, dtype=np.float32).reshape(3, 1)
    task = Regression.from_labels(labels, None)
    train = ImageSet(values, labels, ("a", "b", "c"), task=task)
    (said,) = cautions(Dataset(train, ImageSet(values[1:2], labels[:1], ("x",), task=task)))
    assert said.startswith("1 of the 1 samples of val are in train as well, by their content (x is train's b)")


def test_the_same_picture_in_two_files_of_other_names_and_formats(drive: Path) -> None:
    """Content is what counts: a PNG of train is found again as a BMP of val."""
    picture = np.random.default_rng(1).integers(0, 256, (8, 8, 3), np.uint8)
    Image.fromarray(picture).save(drive / "train/img/a0.png", compress_level=1)
    (drive / "val/img/b2.png").unlink()
    Image.fromarray(picture).save(drive / "val/img/b2.bmp")
    said = list(cautions(load_dataset(FolderSource(root=str(drive), input_shape=(8, 8, 3)))))
    assert any("(b2 is train's a0" in sentence for sentence in said)
