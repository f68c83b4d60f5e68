"""Data sets that a function makes."""

from pathlib import Path

import pytest

from edge_nas.data.functions import read_function
from edge_nas.errors import ConfigError, DataError
from edge_nas.tasks import Classification

SHAPE = (4, 6, 3)
MODULE = """
import numpy as np
import tensorflow as tf

def pairs(count, batch=None, labels=True, dtype=np.uint8):
    images = np.arange(count * 72).reshape(count, 4, 6, 3).astype(dtype)
    made = tf.data.Dataset.from_tensor_slices((images, np.arange(count) % 2) if labels else images)
    return made.batch(batch) if batch else made

def good(batch=None):
    return {"val": pairs(2), "train": pairs(5, batch)}

def endless():
    return {"train": pairs(2).repeat(), "val": pairs(2)}

def wide():
    return {"train": pairs(2, dtype=np.int64), "val": pairs(2)}

def arrays():
    return {name: (np.full((3, 4, 6, 3), 7, np.uint8), np.array([0, 1, 0])) for name in ("train", "val")}

def unlabelled():
    return {"train": pairs(2, labels=False), "val": pairs(2)}

def lists():
    return {"train": [1], "val": pairs(2)}

def one():
    return pairs(2)

def no_val():
    return {"train": pairs(2)}

number = 3
"""


@pytest.fixture(autouse=True)
def module(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "own_data_for_functions.py").write_text(MODULE, encoding="utf-8")
    monkeypatch.chdir(tmp_path)


def read(name: str, **arguments: object):
    return read_function(f"own_data_for_functions:{name}", arguments, SHAPE, Classification)


@pytest.mark.parametrize("batch", [None, 2])
def test_splits_are_read_into_memory_batched_or_not(batch: int | None) -> None:
    splits = read("good", batch=batch)
    assert list(splits) == ["train", "val"]
    assert splits["train"].images.shape == (5, *SHAPE)
    assert splits["train"].labels.tolist() == [0, 1, 0, 1, 0]
    assert splits["train"].images[1, 0, 0, 0] == 72


def test_a_pair_of_arrays_is_a_split() -> None:
    splits = read("arrays")
    assert splits["val"].images.shape == (3, *SHAPE)
    assert splits["val"].labels.tolist() == [0, 1, 0]


@pytest.mark.parametrize(
    ("name", "kind", "message"),
    [
        ("endless", ConfigError, r"endless, train: the tf\.data\.Dataset of images is endless"),
        ("wide", DataError, "wide, train: samples are int64"),
        ("unlabelled", DataError, "unlabelled, train: .*without labels"),
        ("lists", DataError, r"returned \{'train': 'list'"),
        ("one", DataError, "returned .*a mapping with the keys train, val"),
        ("no_val", DataError, "a mapping with the keys train, val"),
        ("number", ConfigError, "number is a int; a function is expected"),
        ("missing", ConfigError, "cannot be imported"),
    ],
)
def test_what_a_function_must_not_do(name: str, kind: type[Exception], message: str) -> None:
    with pytest.raises(kind, match=message):
        read(name)


def test_arguments_that_it_does_not_take() -> None:
    with pytest.raises(ConfigError, match=r"good cannot be called with \{'colour': 1\}"):
        read("good", colour=1)
