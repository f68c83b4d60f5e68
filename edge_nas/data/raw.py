"""One split as a source holds it, before anybody knows which task follows from its labels."""

from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from edge_nas.data.dataset import ImageSet
from edge_nas.errors import DataError
from edge_nas.tasks import Task

Shape = tuple[int, int, int]


class Raw(NamedTuple):
    """Images (N, H, W, 3) uint8, labels (N, ...), names, groups or None, and where they are from, for messages."""

    images: npt.NDArray[np.uint8]
    labels: npt.NDArray[Any]
    names: tuple[str, ...]
    groups: tuple[str, ...] | None
    where: str

    def labelled(self, task: Task) -> ImageSet:
        """Returns the split as images of a task.

        Raises:
            DataError: the labels are none of this task; says where they are from.
        """
        try:
            return ImageSet(self.images, self.labels, self.names, self.groups, task)
        except DataError as error:
            raise DataError(f"{self.where}: {error}") from error


def raw_arrays(
    images: npt.NDArray[Any],
    labels: npt.NDArray[Any],
    kind: type[Task],
    input_shape: Shape,
    where: str,
    *,
    groups: tuple[str, ...] | None = None,
) -> Raw:
    """Returns a split given as two arrays; images are called by their numbers.

    Args:
        images: (N, H, W, 3) uint8, RGB, or (N, H, W) or (N, H, W, 1), grey, at the network's size.
        labels: (N, ...).
        kind: the task, which says how labels are stored.
        input_shape: (H, W, 3).
        where: the file or function, for messages.
        groups: one for each image, where they are known.

    Raises:
        DataError: no image, another dtype, size or number of labels.
    """
    images = rgb_pixels(images, input_shape, where)
    if labels.ndim < 1 or len(labels) != len(images):
        raise DataError(f"{where}: labels have shape {labels.shape} for {len(images)} images; give one for each image")
    names = tuple(f"{number:05d}" for number in range(len(images)))
    return Raw(images, kind.as_labels(labels), names, groups, where)


def rgb_pixels(images: npt.NDArray[Any], input_shape: Shape, where: str) -> npt.NDArray[np.uint8]:
    """Returns an array of images as (N, H, W, 3) uint8; grey ones, (N, H, W) or (N, H, W, 1), get three channels.

    Raises:
        DataError: no image, another dtype or size.
    """
    if images.ndim == 3 or images.shape[3:] == (1,):
        images = np.repeat(images.reshape(*images.shape[:3], 1), 3, axis=3)
    if images.dtype != np.uint8 or images.ndim != 4 or images.shape[3] != 3:
        raise DataError(
            f"{where}: images are {images.dtype} {images.shape}; allowed: uint8 pixels from 0 to 255, (N, H, W, 3) RGB "
            "or (N, H, W) grey; other inputs than images are not read"
        )
    if not len(images):
        raise DataError(f"{where}: holds no image")
    if images.shape[1:] != tuple(input_shape):
        seen, asked = (f"{shape[0]}x{shape[1]}" for shape in (images.shape[1:], input_shape))
        raise DataError(
            f"{where}: images are {seen}, but the network takes {asked}; arrays are not resized: set "
            f"data.input_shape={list(images.shape[1:])}, or --size {seen} of a command that has it"
        )
    return images
