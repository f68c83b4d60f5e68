"""Splits as a source holds them, before anybody knows which task follows from their labels."""

from typing import Any, Literal, NamedTuple

import numpy as np
import numpy.typing as npt

from edge_nas.core.arrays import Pixels
from edge_nas.data.dataset import ImageSet
from edge_nas.errors import DataError
from edge_nas.tasks import Task

Shape = tuple[int, int, int]
SplitName = Literal["train", "val", "test"]
SPLITS: tuple[SplitName, ...] = ("train", "val", "test")


class SplitArrays(NamedTuple):
    """Images (N, H, W, 3) uint8, labels (N, ...), names, groups or None, and where they are from, for messages."""

    images: Pixels
    labels: npt.NDArray[Any]
    names: tuple[str, ...]
    groups: tuple[str, ...] | None
    place: str

    def of_task(self, task: Task) -> ImageSet:
        """Returns the split as images of a task.

        Raises:
            DataError: the labels are none of this task; says where they are from.
        """
        try:
            return ImageSet(self.images, self.labels, self.names, self.groups, task)
        except DataError as error:
            raise DataError(f"{self.place}: {error}") from error


class SourceSplits(NamedTuple):
    """What a source holds: train, val and, where there is one, test; names of classes where the data itself has them.

    The names stand in the order of the classes' numbers.
    """

    splits: dict[SplitName, SplitArrays]
    classes: tuple[str, ...] | None = None


def numbered_split(
    images: npt.NDArray[Any],
    labels: npt.NDArray[Any],
    task: type[Task],
    input_shape: Shape,
    place: str,
    *,
    groups: tuple[str, ...] | None = None,
) -> SplitArrays:
    """Returns a split given as two arrays; images are called by their numbers.

    Args:
        images: (N, H, W, 3) uint8, RGB, or (N, H, W) or (N, H, W, 1), grey, at the network's size.
        labels: (N, ...).
        task: says how labels are stored.
        input_shape: (H, W, 3).
        place: the file or function, for messages.
        groups: one for each image, where they are known.

    Raises:
        DataError: no image, another dtype, size or number of labels.
    """
    images = rgb_pixels(images, input_shape, place)
    if labels.ndim < 1 or len(labels) != len(images):
        raise DataError(f"{place}: labels have shape {labels.shape} for {len(images)} images; give one for each image")
    names = tuple(f"{number:05d}" for number in range(len(images)))
    return SplitArrays(images, task.as_labels(labels), names, groups, place)


def rgb_pixels(images: npt.NDArray[Any], input_shape: Shape, place: str) -> Pixels:
    """Returns an array of images as (N, H, W, 3) uint8; grey ones, (N, H, W) or (N, H, W, 1), get three channels.

    Raises:
        DataError: no image, another dtype or size.
    """
    if images.ndim == 3 or images.shape[3:] == (1,):
        images = np.repeat(images.reshape(*images.shape[:3], 1), 3, axis=3)
    if images.dtype != np.uint8 or images.ndim != 4 or images.shape[3] != 3:
        raise DataError(
            f"{place}: images are {images.dtype} {images.shape}; allowed: uint8 pixels from 0 to 255, (N, H, W, 3) RGB "
            "or (N, H, W) grey; other inputs than images are not read"
        )
    if not len(images):
        raise DataError(f"{place}: holds no image")
    if images.shape[1:] != tuple(input_shape):
        size = f"{images.shape[1]}x{images.shape[2]}"
        raise DataError(
            f"{place}: images are {size}, but the network takes {input_shape[0]}x{input_shape[1]}; arrays are not "
            f"resized: set data.input_shape={list(images.shape[1:])}, or --size {size} of a command that has it"
        )
    return images
