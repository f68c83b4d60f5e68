"""Data sets of arrays."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from edge_nas.data import arrays
from edge_nas.data.arrays import read_array_file, read_arrays
from edge_nas.errors import DataError, UnsafeError
from edge_nas.tasks import BinarySegmentation, Classification, Regression

SHAPE = (4, 6, 3)
IMAGES = np.arange(3 * 4 * 6 * 3, dtype=np.uint8).reshape(3, *SHAPE)

BEYOND_UNICODE = np.full(3, 0x110000, np.uint32).view("U1")
"""Numpy takes it for text; Python cannot."""


def save(path: Path, **changed: Any) -> Path:
    np.savez(path, **{"images": IMAGES, "labels": np.array([0, 1, 1]), **changed})
    return path


def test_splits_are_read_in_their_order(tmp_path: Path) -> None:
    for name in ("val", "train", "test"):
        save(tmp_path / f"{name}.npz", groups=np.array(["a", "b", "b"]))
    splits = read_arrays(tmp_path, SHAPE, Classification)
    assert list(splits) == ["train", "val", "test"]
    np.testing.assert_array_equal(splits["val"].images, IMAGES)
    assert splits["val"].labels.dtype == np.int32
    assert splits["val"].names == ("00000", "00001", "00002")
    assert splits["val"].groups == ("a", "b", "b")


def test_groups_are_text_its_bytes_or_numbers(tmp_path: Path) -> None:
    for groups in (np.array(["1", "2", "2"]), np.array([b"1", b"2", b"2"]), np.array([1, 2, 2])):
        read = read_array_file(save(tmp_path / "a.npz", groups=groups), SHAPE, Classification)
        assert read.groups == ("1", "2", "2")


def test_labels_are_stored_as_the_task_has_them(tmp_path: Path) -> None:
    masks = np.zeros((3, 4, 6), bool)
    path = save(tmp_path / "a.npz", labels=masks)
    assert read_array_file(path, SHAPE, BinarySegmentation).labels.dtype == np.uint8
    path = save(tmp_path / "b.npz", labels=np.array([0.5, 1, 2]))
    assert read_array_file(path, SHAPE, Regression).labels.shape == (3, 1)


def test_grey_images_get_three_channels(tmp_path: Path) -> None:
    for grey in (IMAGES[..., 0], IMAGES[..., :1]):
        read = read_array_file(save(tmp_path / "a.npz", images=grey), SHAPE, Classification)
        np.testing.assert_array_equal(read.images, np.repeat(IMAGES[..., :1], 3, axis=3))


@pytest.mark.parametrize("shape", [(5,), (6, 2), (4, 3, 2)])
@pytest.mark.parametrize("dtype", ["uint8", "int8", "uint16", "int16", "float16", "float32", "float64"])
def test_samples_of_every_shape_and_dtype_are_read(tmp_path: Path, shape: tuple[int, ...], dtype: str) -> None:
    samples = np.random.default_rng(0).integers(0, 100, (3, *shape)).astype(dtype)
    np.savez(tmp_path / "a.npz", samples=samples, labels=np.array([0, 1, 1]))
    read = read_array_file(tmp_path / "a.npz", shape, Classification)
    np.testing.assert_array_equal(read.images, samples)
    assert read.images.dtype == ("float32" if "float" in dtype else dtype)


def test_the_axis_of_one_channel_may_be_left_out(tmp_path: Path) -> None:
    np.savez(tmp_path / "a.npz", samples=IMAGES[..., 0], labels=np.array([0, 1, 1]))
    for shape in ((4, 6, 1), (4, 6)):
        assert read_array_file(tmp_path / "a.npz", shape, Classification).images.shape == (3, *shape)


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"images": IMAGES.astype(np.int64)}, "samples are int64; allowed: uint8, int8, uint16, int16, float32"),
        ({"images": IMAGES > 3}, "samples are bool; allowed"),
        (
            {"images": IMAGES[:, :3]},
            r"have shape \(3, 6, 3\), but the network takes \(4, 6, 3\); .*input_shape=\[3, 6, 3\], or --size 3x6",
        ),
        ({"images": IMAGES.reshape(3, -1)}, r"have shape \(72,\), but the network takes \(4, 6, 3\)"),
        ({"images": IMAGES[:0], "labels": np.zeros(0, int)}, "holds no sample"),
        ({"labels": np.array([0, 1])}, r"labels have shape \(2,\) for 3 samples"),
        ({"samples": IMAGES}, "holds both of the arrays 'samples' and 'images'"),
        ({"groups": np.array([0.5, 1, 2])}, "groups are float64"),
        ({"groups": BEYOND_UNICODE}, "groups hold characters that are no Unicode"),
        ({"groups": np.full(3, "\ud800")}, "groups hold characters that are no Unicode"),
        ({"groups": np.full(3, b"\xff")}, "groups hold characters that are no Unicode"),
        ({"images": BEYOND_UNICODE}, "samples are <U1; allowed"),
    ],
)
def test_what_does_not_fit_is_refused_with_the_files_name(tmp_path: Path, changed: Any, message: str) -> None:
    with pytest.raises(DataError, match=rf"train\.npz: .*{message}"):
        read_array_file(save(tmp_path / "train.npz", **changed), SHAPE, Classification)


def test_files_and_arrays_that_are_missing(tmp_path: Path) -> None:
    save(tmp_path / "train.npz")
    with pytest.raises(DataError, match=r"no file val\.npz; a data set of arrays is root/"):
        read_arrays(tmp_path, SHAPE, Classification)
    np.savez(tmp_path / "val.npz", x=IMAGES)
    with pytest.raises(DataError, match=r"val\.npz: holds neither of the arrays 'samples' and 'images'"):
        read_arrays(tmp_path, SHAPE, Classification)
    np.savez(tmp_path / "val.npz", images=IMAGES)
    with pytest.raises(DataError, match=r"val\.npz: holds no array 'labels'"):
        read_arrays(tmp_path, SHAPE, Classification)


def test_hostile_files_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "text.npz").write_text("no archive")
    with pytest.raises(DataError, match=r"text\.npz: cannot be read as \.npz"):
        read_array_file(tmp_path / "text.npz", SHAPE, Classification)
    with pytest.raises(UnsafeError, match="pickled objects"):
        read_array_file(save(tmp_path / "a.npz", labels=np.array([0, "x", None])), SHAPE, Classification)
    np.savez_compressed(tmp_path / "bomb.npz", images=np.zeros((10, 400, 600, 3), np.uint8), labels=np.zeros(10))
    monkeypatch.setattr(arrays, "MAX_BYTES", 1024**2)
    with pytest.raises(DataError, match="unpacked; allowed"):
        read_array_file(tmp_path / "bomb.npz", SHAPE, Classification)
    (tmp_path / "set").mkdir()
    for name in ("train", "val"):
        (tmp_path / "set" / f"{name}.npz").symlink_to(tmp_path / "a.npz")
    with pytest.raises(UnsafeError, match="outside the data set"):
        read_arrays(tmp_path / "set", SHAPE, Classification)


def test_a_file_that_unpacks_to_a_hundred_times_its_size(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    np.savez_compressed(
        tmp_path / "val.npz", images=np.zeros((400, 48, 64, 3), np.uint8), labels=np.zeros(400, np.int32)
    )
    monkeypatch.setattr(arrays, "_HARMLESS_BYTES", 1024**2)
    with pytest.raises(UnsafeError, match=r"would fill 4 MiB of memory; allowed: 100 times"):
        read_array_file(tmp_path / "val.npz", (48, 64, 3), Classification)
