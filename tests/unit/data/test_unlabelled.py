"""Images without labels, from every kind of data set."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from edge_nas.data.unlabelled import read_samples
from edge_nas.errors import DataError, UnsafeError


def fill(folder: Path, greys: list[int]) -> None:
    folder.mkdir(parents=True)
    for number, grey in enumerate(greys):
        Image.new("RGB", (12, 10), (grey, grey, grey)).save(folder / f"{number}.png")


@pytest.mark.parametrize("inner", [".", "img", "train/img"])
def test_images_are_found_and_resized(tmp_path: Path, inner: str) -> None:
    fill(tmp_path / "data" / inner, [10, 20, 30])
    images = read_samples(tmp_path / "data", (4, 6, 3))
    assert images.shape == (3, 4, 6, 3)
    assert images.dtype == np.uint8
    assert images[:, 0, 0, 0].tolist() == [10, 20, 30]


def test_the_limit_spreads_over_the_names(tmp_path: Path) -> None:
    fill(tmp_path / "data", list(range(8)))
    assert read_samples(tmp_path / "data", (2, 2, 3), 4)[:, 0, 0, 0].tolist() == [0, 2, 4, 6]
    assert len(read_samples(tmp_path / "data", (2, 2, 3), 20)) == 8


def test_an_empty_folder_is_told(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="holds no image"):
        read_samples(tmp_path, (2, 2, 3))


def test_images_of_class_folders_and_arrays(tmp_path: Path) -> None:
    for name, greys in (("b", [30, 40]), ("a", [10])):
        fill(tmp_path / "data" / "train" / name, greys)
    assert read_samples(tmp_path / "data", (2, 2, 3))[:, 0, 0, 0].tolist() == [10, 30, 40]
    pixels = np.arange(5 * 12, dtype=np.uint8).reshape(5, 2, 2, 3)
    np.savez(tmp_path / "train.npz", images=pixels)
    for path in (tmp_path, tmp_path / "train.npz"):
        np.testing.assert_array_equal(read_samples(path, (2, 2, 3), 2), pixels[[0, 2]])


@pytest.mark.parametrize("named", ["data", "./data", "../{here}/data", "link"])
@pytest.mark.parametrize("inner", ["train/a", "train/img", "img", "."])
def test_a_path_may_be_relative_or_a_link(
    named: str, inner: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(tmp_path / "data" / inner, [10, 20])
    (tmp_path / "link").symlink_to(tmp_path / "data")
    monkeypatch.chdir(tmp_path)
    path = Path(named.format(here=tmp_path.name))
    assert read_samples(path, (2, 2, 3))[:, 0, 0, 0].tolist() == [10, 20]


def test_a_class_folder_outside_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fill(tmp_path / "data/train/a", [10])
    fill(tmp_path / "other", [20])
    (tmp_path / "data/train/b").symlink_to(tmp_path / "other")
    monkeypatch.chdir(tmp_path)
    with pytest.raises(UnsafeError, match="outside the data set"):
        read_samples(Path("data"), (2, 2, 3))


def test_grey_images_and_arrays_of_any_shape(tmp_path: Path) -> None:
    fill(tmp_path / "data", [10, 20])
    assert read_samples(tmp_path / "data", (4, 6, 1))[:, 0, 0].tolist() == [[10], [20]]
    signals = np.arange(24, dtype=np.int16).reshape(4, 3, 2)
    np.savez(tmp_path / "signals.npz", samples=signals)
    np.testing.assert_array_equal(read_samples(tmp_path / "signals.npz", None, 2), signals[[0, 2]])
    np.testing.assert_array_equal(read_samples(tmp_path / "signals.npz", (3, 2)), signals)
    with pytest.raises(DataError, match=r"takes samples of shape \(3, 2\), which image files are not; give a \.npz"):
        read_samples(tmp_path / "data", (3, 2))
