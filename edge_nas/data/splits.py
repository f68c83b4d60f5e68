"""Splits as a source holds them, before anybody knows which task follows from their labels."""

from typing import Any, Literal, NamedTuple

import numpy as np
import numpy.typing as npt

from edge_nas.core.arrays import Samples
from edge_nas.core.samples import DTYPES
from edge_nas.data.dataset import ImageSet
from edge_nas.errors import DataError
from edge_nas.tasks import Task

Shape = tuple[int, ...]
"""Of a sample: (n,), (t, c) or (h, w, c)."""
SplitName = Literal["train", "val", "test"]
SPLITS: tuple[SplitName, ...] = ("train", "val", "test")


class SplitArrays(NamedTuple):
    """Samples (N, ...), labels (N, ...), names, groups or None, and where they are from, for messages."""

    images: Samples
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
    """Returns a split given as two arrays; samples are called by their numbers.

    Args:
        images: (N, *input_shape); grey pictures for a network of RGB may be (N, H, W) or (N, H, W, 1), and the axis of
            one channel may be left out.
        labels: (N, ...).
        task: says how labels are stored.
        input_shape: of a sample.
        place: the file or function, for messages.
        groups: one for each sample, where they are known.

    Raises:
        DataError: no sample, another dtype, size or number of labels.
    """
    images = as_samples(images, input_shape, place)
    if labels.ndim < 1 or len(labels) != len(images):
        raise DataError(
            f"{place}: labels have shape {labels.shape} for {len(images)} samples; give one for each sample"
        )
    names = tuple(f"{number:05d}" for number in range(len(images)))
    return SplitArrays(images, task.as_labels(labels), names, groups, place)


def as_samples(values: npt.NDArray[Any], input_shape: Shape, place: str) -> Samples:
    """Returns an array of samples as a data set holds them; floats as float32, grey bytes for a network of RGB as RGB.

    Raises:
        DataError: no sample, or another dtype or shape; says what was seen and what is allowed.
    """
    samples = _with_channels(values, input_shape)
    if samples.dtype.kind == "f":
        samples = samples.astype(np.float32)
    if samples.dtype.name not in DTYPES:
        raise DataError(
            f"{place}: samples are {values.dtype}; allowed: {', '.join(DTYPES)}, other floats are converted to float32"
        )
    if samples.ndim < 1 or not len(samples):
        raise DataError(f"{place}: holds no sample")
    if samples.shape[1:] != tuple(input_shape):
        size = f", or --size {_size(samples.shape[1:])} of a command that has it" if samples.ndim > 2 else ""
        raise DataError(
            f"{place}: samples have shape {values.shape[1:]}, but the network takes {tuple(input_shape)}; arrays are "
            f"not resized: set data.input_shape={list(samples.shape[1:])}{size}"
        )
    return samples


def _with_channels(values: npt.NDArray[Any], input_shape: Shape) -> npt.NDArray[Any]:
    """Returns values with the axis of one channel where it was left out, and grey bytes as RGB where that is wanted."""
    if len(input_shape) == values.ndim and input_shape[-1] == 1:
        return values[..., np.newaxis]
    grey = values.shape[1:] in (tuple(input_shape[:-1]), (*input_shape[:-1], 1))
    if len(input_shape) == 3 and input_shape[-1] == 3 and grey and values.dtype == np.uint8:
        return np.repeat(values.reshape(*values.shape[:3], 1), 3, axis=3)
    return values


def _size(shape: Shape) -> str:
    """Returns a shape as --size takes it: an RGB picture by its height and width."""
    return "x".join(map(str, shape[:-1] if len(shape) == 3 and shape[-1] == 3 else shape))
