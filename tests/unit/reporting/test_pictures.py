"""The best and the worst masks."""

import base64
import io
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from edge_nas.data.dataset import ImageSet
from edge_nas.reporting import pictures
from edge_nas.runs.progress import Silent
from edge_nas.tasks import BINARY_SEGMENTATION

SIDE = 4


class FirstChannel:
    """A runtime whose logit is the first channel of its input."""

    def run(self, inputs: np.ndarray) -> np.ndarray:
        return inputs[..., :1]


@pytest.fixture(autouse=True)
def runtime(monkeypatch: pytest.MonkeyPatch) -> None:
    def opened(path: Path, *, reference: bool) -> FirstChannel:
        assert reference
        return FirstChannel()

    monkeypatch.setattr(pictures, "open_runtime", opened)


def _images(wrong: list[int], groups: tuple[str, ...] | None = None) -> ImageSet:
    """Returns images of 16 pixels whose left half is foreground; the network gets `wrong` pixels of each wrong."""
    masks = np.zeros((len(wrong), SIDE, SIDE), np.uint8)
    masks[:, :, :2] = 1
    predicted = masks.copy().reshape(len(wrong), -1)
    for row, count in enumerate(wrong):
        predicted[row, :count] ^= 1
    images = np.repeat(predicted.reshape(masks.shape)[..., np.newaxis] * np.uint8(255), 3, axis=3)
    return ImageSet(images, masks, tuple(f"image {count}" for count in wrong), groups)


def _pixels(uri: str) -> np.ndarray:
    kind, _, data = uri.partition(",")
    assert kind == "data:image/png;base64"
    return np.asarray(Image.open(io.BytesIO(base64.b64decode(data))))


def test_the_extremes_come_first() -> None:
    drawn = pictures.samples(Path(), "test", _images([5, 0, 9, 3, 16, 1, 7, 2, 4]), Silent())
    assert [sample.name for sample in drawn.best] == ["image 0", "image 1", "image 2", "image 3"]
    assert [sample.name for sample in drawn.worst] == ["image 16", "image 9", "image 7", "image 5"]
    assert drawn.best[0].caption == "mIoU 1.000, foreground 1.000"
    assert drawn.worst[0].caption == "mIoU 0.000, foreground 0.000"


def test_all_pixels_are_counted() -> None:
    # The first row of four pixels is wrong: two of the foreground are missed, two of the background are not.
    drawn = pictures.samples(Path(), "test", _images([4, 0, 0]), Silent())
    assert BINARY_SEGMENTATION.confusion(drawn.report).counts == ((22, 2), (2, 22))


@pytest.mark.parametrize(("count", "best", "worst"), [(1, 1, 0), (2, 1, 1), (5, 3, 2), (8, 4, 4), (40, 4, 4)])
def test_no_image_is_shown_twice(count: int, best: int, worst: int) -> None:
    drawn = pictures.samples(Path(), "test", _images([i % 17 for i in range(count)]), Silent())
    assert (len(drawn.best), len(drawn.worst)) == (best, worst)


def test_four_pictures_of_the_networks_own_size() -> None:
    images = _images([4], groups=("drive 1",))
    sample = pictures.samples(Path(), "test", images, Silent()).best[0]
    assert sample.group == "drive 1"
    drawn = {name: _pixels(uri) for name, uri in sample.pictures.items()}
    assert list(drawn) == ["image", "truth", "int8", "mistakes"]
    np.testing.assert_array_equal(drawn["image"], images.images[0])
    tinted = {name: (drawn[name] != images.images[0]).any(axis=2) for name in ("truth", "int8")}
    np.testing.assert_array_equal(tinted["truth"], images.masks[0] > 0)
    np.testing.assert_array_equal(tinted["int8"], images.images[0, :, :, 0] > 0)
    assert (np.ptp(drawn["mistakes"].astype(int), axis=2) > 0).sum() == 4


def test_progress_reaches_the_number_of_images() -> None:
    seen: list[Any] = []

    class Told(Silent):
        def tick(self, what: str, done: int, total: int) -> None:
            seen.append((done, total))

    pictures.samples(Path(), "test", _images([0] * 70), Told())
    assert seen == [(64, 70), (70, 70)]
