"""From the configuration's `data` to a `Dataset`: what the source holds, groups held out, groups shared."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import numpy as np

from edge_nas.core.arrays import Samples
from edge_nas.core.config import DataSpec
from edge_nas.core.extensions import TASKS
from edge_nas.core.preprocessing import Preprocessing
from edge_nas.core.samples import MOST_AXES, PICTURE_CHANNELS, SampleFormat, preprocessing_in_hand
from edge_nas.data.arrays import read_array_file
from edge_nas.data.classfolders import read_evaluation_classes
from edge_nas.data.dataset import Dataset, ImageSet
from edge_nas.data.folder import read_evaluation_folder
from edge_nas.data.images import shown
from edge_nas.data.listing import split_called
from edge_nas.data.scaling import preprocessing_of
from edge_nas.data.splits import Shape, SplitArrays, SplitName
from edge_nas.errors import ConfigError, DataError
from edge_nas.tasks import Task


def load_dataset(spec: DataSpec, task: str = "binary_segmentation") -> Dataset:
    """Returns the data set that `spec` describes, as samples of a task.

    With `holdout_group`, training leaves that group out and validation is that group alone: its images from train and
    from val. There is no test split then, since it may hold frames of the training groups: the held-out group is what
    is reported.

    Args:
        spec: of a source, built-in or registered.
        task: name of a task, built-in or registered.

    Raises:
        ConfigError: the group to hold out is unknown, or groups are not known at all; an unknown task; a scale that
            the samples' dtype does not have.
        DataError, ResourceError, UnsafeError: the data cannot be used; says which file or function.
    """
    kind = TASKS.get(task)
    splits, classes_in_data = spec.read_splits(kind)
    _check_one_dtype(splits)
    learnt = kind.from_labels(splits["train"].labels, classes_in_data or spec.classes)
    train, val = splits["train"].of_task(learnt), splits["val"].of_task(learnt)
    test = splits["test"].of_task(learnt) if "test" in splits else None
    if spec.holdout_group is not None:
        dataset = _hold_out(train, val, spec.holdout_group, spec.place)
    else:
        dataset = Dataset(train, val, test, _shared_groups(train, val, test))
    dataset = dataset.scaled(preprocessing_of(spec, dataset.train.images))
    if spec.class_weights is not None:
        dataset = dataset.weighted(spec.class_weights)
    learnt.check_evaluated("val", dataset.val.labels)
    if dataset.test is not None:
        learnt.check_evaluated("test", dataset.test.labels)
    return dataset


def load_evaluation_samples(
    path: Path, input_shape: Shape, task: Task, known: SampleFormat | None = None
) -> tuple[SplitName, ImageSet]:
    """Returns the samples to evaluate a model on, and the name of their split.

    Args:
        path: a data set of one of the sources in files, of which test, else val, is taken; or a split of one.
        input_shape: of the model, without the batch.
        task: what the labels mean.
        known: what is known of the samples that the model was built for; None: bytes are pixels, others as they are.

    Raises:
        DataError, ResourceError, UnsafeError: it cannot be used.
    """
    split, held = _read_evaluated(path, input_shape, task)
    return split, replace(held, preprocessing=preprocessing_for(held.images, known, shown(path)))


def preprocessing_for(samples: Samples, known: SampleFormat | None, place: str) -> Preprocessing:
    """Returns how samples become network inputs: as is known, else bytes as pixels and others as they are.

    Raises:
        DataError: they are stored otherwise than those that are known.
    """
    if known is None:
        return preprocessing_in_hand(samples.dtype.name)
    if samples.dtype.name != known.dtype:
        raise DataError(
            f"{place}: samples are {samples.dtype}, but the network was built for {known.dtype} ones, as the file "
            "task.json beside it says; give them as the sensor does"
        )
    return known.preprocessing


def _read_evaluated(path: Path, input_shape: Shape, task: Task) -> tuple[SplitName, ImageSet]:
    files = [path] if path.suffix == ".npz" else [path / "test.npz", path / "val.npz"]
    arrays = next((file for file in files if file.is_file()), None)
    if arrays is not None:
        return split_called(arrays.stem), read_array_file(arrays, input_shape, type(task)).of_task(task)
    if len(input_shape) != MOST_AXES or input_shape[-1] not in PICTURE_CHANNELS:
        raise DataError(
            f"{shown(path)}: the network takes samples of shape {tuple(input_shape)}, which image files are not; give "
            "a .npz file, or a folder with test.npz or val.npz"
        )
    if task.has_masks:
        return read_evaluation_folder(path, input_shape, task)
    if task.card is None or not task.card.classes:
        raise DataError(f"{shown(path)}: neither a .npz file nor a folder with test.npz or val.npz")
    split, held = read_evaluation_classes(path, input_shape, task.card.classes)
    return split, held.of_task(task)


def _check_one_dtype(splits: Mapping[SplitName, SplitArrays]) -> None:
    """Refuses splits that are stored differently: one formula could not be right for both."""
    dtypes = {name: split.images.dtype.name for name, split in splits.items()}
    if len(set(dtypes.values())) > 1:
        seen = ", ".join(f"{name} {dtype}" for name, dtype in dtypes.items())
        raise DataError(f"{splits['train'].place}: samples are stored as {seen}; allowed: one dtype for all splits")


def _shared_groups(train: ImageSet, *evaluated: ImageSet | None) -> tuple[str, ...]:
    """Returns the groups of the training split that an evaluated split holds as well, sorted."""
    evaluated_groups: set[str] = set()
    for split in evaluated:
        if split is not None:
            evaluated_groups |= set(split.groups or ())
    return tuple(sorted(evaluated_groups & set(train.groups or ())))


def _hold_out(train: ImageSet, val: ImageSet, group: str, place: str) -> Dataset:
    """Returns training without a group, and validation on that group alone."""
    for name, split in (("train", train), ("val", val)):
        if split.groups is None:
            raise ConfigError(
                f"data.holdout_group is {group!r}, but {place}/{name}/groups.csv is missing: write one with the header "
                f"name,group and a row for each image; a .npz file has an array `groups`"
            )
    known = sorted({*(train.groups or ()), *(val.groups or ())})
    if group not in known:
        raise ConfigError(f"data.holdout_group: unknown group {group!r}; groups of {place}: {', '.join(known)}")
    inside = np.array([own == group for own in train.groups or ()])
    if inside.all():
        raise ConfigError(f"data.holdout_group: {group!r} is the only group in {place}/train, nothing is left to train")
    inside_val = np.array([own == group for own in val.groups or ()])
    held_out = _one_set(train.take(np.flatnonzero(inside)), val.take(np.flatnonzero(inside_val)))
    return Dataset(train.take(np.flatnonzero(~inside)), held_out)


def _one_set(train: ImageSet, val: ImageSet) -> ImageSet:
    """Returns both sets as one; names get the split they come from, which keeps them unique."""
    names = [f"train-{name}" for name in train.names] + [f"val-{name}" for name in val.names]
    return ImageSet(
        np.concatenate([train.images, val.images]),
        np.concatenate([train.labels, val.labels]),
        tuple(names),
        (train.groups or ()) + (val.groups or ()),
        train.task,
    )
