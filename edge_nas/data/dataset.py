"""Samples with labels, split for training and evaluation: what every stage is given.

`load_dataset` makes a `Dataset`; the stages read `dataset.train`, `dataset.val`, `dataset.reported` and
`dataset.calibration(...)`. The arrays are read-only: two stages that hold one data set cannot change it for another.
"""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from edge_nas.core.arrays import Inputs, Samples
from edge_nas.core.preprocessing import PIXELS, Preprocessing
from edge_nas.core.samples import DTYPES, MOST_AXES, SHAPES, SampleFormat
from edge_nas.errors import DataError
from edge_nas.tasks import BINARY_SEGMENTATION, Task, TaskCard
from edge_nas.tasks.task import ClassWeights


@dataclass(frozen=True, eq=False)
class ImageSet:
    """Samples of one format, each with its label and name, and its group where groups are known.

    Args:
        images: the samples, (N, H, W, C) pictures or (N, ...) others, stored as one of `DTYPES`.
        labels: what the task asks for, such as (N, H, W) uint8 masks, 1 = foreground, 0 = background.
        names: N names for people; unique within a split.
        groups: N groups (one drive, one photograph: images that resemble each other), or None where none are known.
        task: what the labels mean.
        preprocessing: from stored values to network inputs.

    Raises:
        DataError: shapes, types, labels or counts do not fit together.
    """

    images: Samples
    labels: npt.NDArray[Any]
    names: tuple[str, ...]
    groups: tuple[str, ...] | None = None
    task: Task = BINARY_SEGMENTATION
    preprocessing: Preprocessing = PIXELS

    def __post_init__(self) -> None:
        _check_samples(self.images, self.task)
        self.task.check_labels(self.labels, self.images.shape)
        for kind, entries in (("names", self.names), ("groups", self.groups)):
            if entries is not None and len(entries) != len(self.images):
                raise DataError(f"{len(entries)} {kind} for {len(self.images)} images; give one for each image")
        object.__setattr__(self, "images", _read_only(self.images))
        object.__setattr__(self, "labels", _read_only(self.labels))

    def __len__(self) -> int:
        return len(self.images)

    @property
    def format(self) -> SampleFormat:
        """What one sample is."""
        dtype = next(dtype for dtype in DTYPES if dtype == self.images.dtype.name)
        return SampleFormat(shape=self.images.shape[1:], dtype=dtype, preprocessing=self.preprocessing)

    def inputs(self, part: slice | npt.NDArray[np.intp] = slice(None)) -> Inputs:
        """Returns the samples, or a part of them, as network inputs (N, ...) float32."""
        return self.preprocessing.apply(self.images[part])

    @property
    def masks(self) -> npt.NDArray[Any]:
        """The labels of a task whose labels are masks."""
        return self.labels

    @cached_property
    def sha256(self) -> str:
        """The hash of samples, labels, their shapes and the names, in order, and of what is made of their values."""
        digest = hashlib.sha256()
        for array in (self.images, self.labels):
            digest.update(f"{array.dtype.name}{array.shape}".encode())
            digest.update(array.data)
        for name in self.names:
            encoded = name.encode()
            digest.update(f"{len(encoded)}:".encode() + encoded)
        if self.task.card is not None:
            digest.update(self.task.card.model_dump_json(exclude_none=True).encode())
        if self.preprocessing != PIXELS:
            digest.update(self.preprocessing.model_dump_json().encode())
        return digest.hexdigest()

    def take(self, indices: npt.NDArray[np.intp]) -> "ImageSet":
        """Returns the images at `indices`, in that order."""
        groups = None if self.groups is None else tuple(self.groups[i] for i in indices)
        names = tuple(self.names[i] for i in indices)
        return ImageSet(self.images[indices], self.labels[indices], names, groups, self.task, self.preprocessing)


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
    def format(self) -> SampleFormat:
        """What one sample is, of every split."""
        return self.train.format

    @property
    def card(self) -> TaskCard | None:
        """What has to be known of shipped files: the task, and samples that are not scaled as pixels usually are."""
        if self.format.is_plain:
            return self.task.card
        card = self.task.card or TaskCard(task=self.task.name)
        return card.model_copy(update={"sample": self.format})

    def scaled(self, preprocessing: Preprocessing) -> "Dataset":
        """Returns the same samples with another way to network inputs."""
        return self._with(preprocessing=preprocessing)

    def weighted(self, weights: ClassWeights) -> "Dataset":
        """Returns the same samples of a task whose loss weighs classes so. Raises as `Task.weighted`."""
        return self._with(task=self.task.weighted(weights, self.train.labels))

    def _with(self, **changed: Any) -> "Dataset":
        """Returns the data set with other values of fields of each split."""
        test = None if self.test is None else replace(self.test, **changed)
        return replace(self, train=replace(self.train, **changed), val=replace(self.val, **changed), test=test)

    @property
    def reported(self) -> tuple[Literal["val", "test"], ImageSet]:
        """The split whose figures are published: test where there is one, else val."""
        return ("val", self.val) if self.test is None else ("test", self.test)

    @cached_property
    def sha256(self) -> str:
        """The hash of all splits, of the groups they share, and of the weights of classes."""
        parts = [self.train.sha256, self.val.sha256, "" if self.test is None else self.test.sha256]
        weights = [] if self.task.weights is None else [f"weights {self.task.weights}"]
        return hashlib.sha256("\n".join([*parts, *self.shared_groups, *weights]).encode()).hexdigest()

    def labels_by_split(self) -> Iterator[tuple[str, npt.NDArray[Any]]]:
        """Yields the name and the labels of each split that there is."""
        for name, split in (("train", self.train), ("val", self.val), ("test", self.test)):
            if split is not None:
                yield name, split.labels

    def calibration(self, limit: int | None, seed: int) -> Inputs:
        """Returns the network inputs of `calibration_set`, (min(limit, N), ...) float32, in the order of the split."""
        return self.calibration_set(limit, seed).inputs()

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


def _check_samples(samples: Samples, task: Task) -> None:
    """Refuses what no network of this package takes, or no task of masks looks at."""
    seen = f"samples are {samples.dtype} {samples.shape}"
    if samples.dtype.name not in DTYPES or not 2 <= samples.ndim <= MOST_AXES + 1 or 0 in samples.shape[1:]:
        raise DataError(f"{seen}; allowed: {', '.join(DTYPES)}, N samples of shape {SHAPES}")
    if samples.dtype.kind == "f" and not np.isfinite(samples).all():
        raise DataError(f"{seen} and hold NaN or infinity; allowed: finite numbers")
    if task.has_masks and samples.ndim != MOST_AXES + 1:
        raise DataError(f"{seen}; task {task.name!r} asks for masks, which only samples of shape (h, w, c) have")


def _read_only(array: npt.NDArray[Any]) -> npt.NDArray[Any]:
    view = np.ascontiguousarray(array).view()
    view.flags.writeable = False
    return view
