import numpy as np
import pytest

from edge_nas.data.dataset import Dataset, ImageSet
from edge_nas.errors import DataError


def numbered(count: int, offset: int = 0) -> ImageSet:
    images = (
        np.zeros((count, 2, 2, 3), np.uint8) + np.arange(offset, offset + count, dtype=np.uint8)[:, None, None, None]
    )
    return ImageSet(images, np.zeros((count, 2, 2), np.uint8), tuple(f"n{i}" for i in range(count)))


def test_hash_is_the_same_for_the_same_content() -> None:
    assert numbered(3).sha256 == numbered(3).sha256
    assert len(numbered(3).sha256) == 64


@pytest.mark.parametrize("changed", ["pixel", "mask", "name", "shape", "border between names"])
def test_hash_sees_every_change(changed: str) -> None:
    base = numbered(2)
    images, masks, names = base.images.copy(), base.masks.copy(), base.names
    if changed == "pixel":
        images[1, 1, 1, 2] += 1
    if changed == "mask":
        masks[1, 1, 1] = 1
    if changed == "name":
        names = ("n0", "other")
    if changed == "shape":
        images, masks = images.reshape(2, 1, 4, 3), masks.reshape(2, 1, 4)
    if changed == "border between names":
        names = ("n", "0n1")
    assert ImageSet(images, masks, names).sha256 != base.sha256


def test_arrays_cannot_be_written() -> None:
    source = np.zeros((1, 2, 2, 3), np.uint8)
    split = ImageSet(source, np.zeros((1, 2, 2), np.uint8), ("a",))
    with pytest.raises(ValueError, match="read-only"):
        split.images[0] = 1
    source[0] = 1  # the caller's own array stays as it was


@pytest.mark.parametrize(
    ("images", "masks", "names", "groups", "message"),
    [
        (np.zeros((1, 2, 2, 3), np.int64), np.zeros((1, 2, 2), np.uint8), ("a",), None, "samples are int64"),
        (np.zeros((1, 2, 2), np.uint8), np.zeros((1, 2), np.uint8), ("a",), None, "asks for masks, which only"),
        (np.full((1, 2, 2, 3), np.nan, np.float32), np.zeros((1, 2, 2), np.uint8), ("a",), None, "NaN or infinity"),
        (
            np.zeros((1, 2, 0, 3), np.uint8),
            np.zeros((1, 2, 0), np.uint8),
            ("a",),
            None,
            r"of shape \(n,\), \(t, c\) or",
        ),
        (np.zeros((1, 2, 2, 3), np.uint8), np.zeros((1, 2, 3), np.uint8), ("a",), None, "masks are uint8"),
        (np.zeros((1, 2, 2, 3), np.uint8), np.full((1, 2, 2), 255, np.uint8), ("a",), None, "value 255"),
        (np.zeros((1, 2, 2, 3), np.uint8), np.zeros((1, 2, 2), np.uint8), ("a", "b"), None, "2 names for 1"),
        (np.zeros((1, 2, 2, 3), np.uint8), np.zeros((1, 2, 2), np.uint8), ("a",), (), "0 groups for 1"),
    ],
)
def test_parts_that_do_not_fit_are_refused(images, masks, names, groups, message) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(DataError, match=message):
        ImageSet(images, masks, names, groups)


def test_test_is_reported_where_there_is_one() -> None:
    train, val, test = numbered(3), numbered(2, 10), numbered(2, 20)
    assert Dataset(train, val, test).reported == ("test", test)
    assert Dataset(train, val).reported == ("val", val)


def test_hash_of_a_data_set_covers_all_splits_and_the_shared_groups() -> None:
    train, val, test = numbered(3), numbered(2, 10), numbered(2, 20)
    hashes = {
        data.sha256
        for data in (
            Dataset(train, val),
            Dataset(train, val, test),
            Dataset(val, train),
            Dataset(train, val, None, ("a",)),
        )
    }
    assert len(hashes) == 4
    assert Dataset(train, val).sha256 in hashes


def test_calibration_takes_one_image_of_each_stretch() -> None:
    data = Dataset(numbered(10), numbered(1))
    for seed in range(20):
        drawn = data.calibration_set(5, seed).images[:, 0, 0, 0]
        assert [value // 2 for value in drawn] == [0, 1, 2, 3, 4]
    assert data.calibration_set(3, 0).images.shape == (3, 2, 2, 3)
    assert len({tuple(data.calibration_set(3, seed).images[:, 0, 0, 0]) for seed in range(20)}) > 1
    np.testing.assert_array_equal(data.calibration_set(3, 7).images, data.calibration_set(3, 7).images)


@pytest.mark.parametrize("limit", [None, 4, 5])
def test_calibration_without_an_effective_limit_is_all(limit: int | None) -> None:
    np.testing.assert_array_equal(Dataset(numbered(4), numbered(1)).calibration(limit, 0), numbered(4).inputs())
