"""Images with labels, split for training and evaluation: what every stage is given.

`load_dataset` makes a `Dataset`; the stages read `dataset.train`, `dataset.val`, `dataset.reported` and
`dataset.calibration(...)`. The arrays are read-only: two stages that hold one data set cannot change it for another.
"""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from edge_nas.core.arrays import Pixels
from edge_nas.errors import DataError
from edge_nas.tasks import BINARY_SEGMENTATION, Task


@dataclass(frozen=True, eq=False)
class ImageSet:
    """Images of one size, each with its label and name, and its group where groups are known.

    Args:
        images: (N, H, W, 3) uint8, RGB.
        labels: what the task asks for, such as (N, H, W) uint8 masks, 1 = foreground, 0 = background.
        names: N names for people; unique within a split.
        groups: N groups (one drive, one photograph: images that resemble each other), or None where none are known.
        task: what the labels mean.

    Raises:
        DataError: shapes, types, labels or counts do not fit together.
    """

    images: Pixels
    labels: npt.NDArray[Any]
    names: tuple[str, ...]
    groups: tuple[str, ...] | None = None
    task: Task = BINARY_SEGMENTATION

    def __post_init__(self) -> None:
        if self.images.dtype != np.uint8 or self.images.ndim != 4 or self.images.shape[3] != 3:
            raise DataError(f"images are {self.images.dtype} {self.images.shape}; allowed: uint8 (N, H, W, 3)")
        self.task.check_labels(self.labels, self.images.shape)
        for kind, entries in (("names", self.names), ("groups", self.groups)):
            if entries is not None and len(entries) != len(self.images):
                raise DataError(f"{len(entries)} {kind} for {len(self.images)} images; give one for each image")
        object.__setattr__(self, "images", _read_only(self.images))
        object.__setattr__(self, "labels", _read_only(self.labels))

    def __len__(self) -> int:
        return len(self.images)

    @property
    def masks(self) -> npt.NDArray[Any]:
        """The labels of a task whose labels are masks."""
        return self.labels

    @cached_property
    def sha256(self) -> str:
        """The hash of pixels, labels, their shapes and the names, in order."""
        digest = hashlib.sha256()
        for array in (self.images, self.labels):
            digest.update(f"{array.dtype.name}{array.shape}".encode())
            digest.update(array.data)
        for name in self.names:
            encoded = name.encode()
            digest.update(f"{len(encoded)}:".encode() + encoded)
        if self.task.card is not None:
            digest.update(self.task.card.model_dump_json().encode())
        return digest.hexdigest()

    def take(self, indices: npt.NDArray[np.intp]) -> "ImageSet":
        """Returns the images at `indices`, in that order."""
        groups = None if self.groups is None else tuple(self.groups[i] for i in indices)
        names = tuple(self.names[i] for i in indices)
        return ImageSet(self.images[indices], self.labels[indices], names, groups, self.task)


@dataclass(frozen=True, eq=False)
class Dataset:
    """The splits of a data set. `shared_groups`: groups that val or test shares with train; empty if none are known."""

    train: ImageSet
    val: ImageSet
    test: ImageSet | None = None
    shared_groups: tuple[str, ...] = ()

    @property
    def task(self) -> Task:
        """What the labels mean, and how networks are trained and evaluated on them."""
        return self.train.task

    @property
    def reported(self) -> tuple[Literal["val", "test"], ImageSet]:
        """The split whose figures are published: test where there is one, else val."""
        return ("val", self.val) if self.test is None else ("test", self.test)

    @cached_property
    def sha256(self) -> str:
        """The hash of all splits and of the groups they share."""
        parts = [self.train.sha256, self.val.sha256, "" if self.test is None else self.test.sha256]
        return hashlib.sha256("\n".join([*parts, *self.shared_groups]).encode()).hexdigest()

    def labels_by_split(self) -> Iterator[tuple[str, npt.NDArray[Any]]]:
        """Yields the name and the labels of each split that there is."""
        for name, split in (("train", self.train), ("val", self.val), ("test", self.test)):
            if split is not None:
                yield name, split.labels

    def calibration(self, limit: int | None, seed: int) -> Pixels:
        """Returns the images of `calibration_set`, (min(limit, N), H, W, 3) uint8, in the order of the split."""
        return self.calibration_set(limit, seed).images

    def calibration_set(self, limit: int | None, seed: int) -> ImageSet:
        """Returns training images to take statistics on: all, or `limit` spread evenly over the training split.

        The split is cut into `limit` equal stretches and one image is drawn from each, since neighbours are often
        frames of one drive.

        Args:
            limit: the most images returned (≥ 1), or None for all of them.
            seed: which image of each stretch is drawn.
        """
        count = len(self.train)
        if limit is None or limit >= count:
            return self.train
        edges = np.arange(limit + 1) * count // limit
        one_of_each = np.random.default_rng(seed).integers(edges[:-1], edges[1:])
        return self.train.take(one_of_each)


def _read_only(array: npt.NDArray[Any]) -> npt.NDArray[Any]:
    view = np.ascontiguousarray(array).view()
    view.flags.writeable = False
    return view
