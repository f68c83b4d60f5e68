"""From the configuration's `data` to a `Dataset`: source, groups held out, groups shared."""

from pathlib import Path

import numpy as np

from edge_nas.core.config import DataSpec, TaskName
from edge_nas.data.arrays import read_array_file, read_arrays
from edge_nas.data.classfolders import read_class_folders, read_evaluation_classes
from edge_nas.data.dataset import Dataset, ImageSet
from edge_nas.data.folder import read_evaluation_folder, read_folder
from edge_nas.data.functions import read_function
from edge_nas.data.images import shown
from edge_nas.data.listing import SPLITS, SplitName
from edge_nas.data.raw import Raw, Shape
from edge_nas.data.terrain import generate_terrain
from edge_nas.errors import ConfigError, DataError
from edge_nas.tasks import TASKS, Task


def load_dataset(spec: DataSpec, task: TaskName = "binary_segmentation") -> Dataset:
    """Returns the data set that `spec` describes, as images of a task.

    With `holdout_group`, training leaves that group out and validation is that group alone: its images from train and
    from val. There is no test split then, since it may hold frames of the training groups: the held-out group is what
    is reported.

    Raises:
        ConfigError: the group to hold out is unknown, or groups are not known at all.
        DataError, ResourceError, UnsafeError: the data cannot be used; says which file or function.
    """
    if spec.source == "terrain":
        if spec.holdout_group is not None:
            raise ConfigError(
                f"data.holdout_group is {spec.holdout_group!r}, but the built-in terrain has no groups: leave it out "
                f"or set data.source=folder"
            )
        return generate_terrain(spec.terrain, spec.input_shape)
    raw, classes = _read(spec, TASKS[task])
    asked = TASKS[task].from_labels(raw["train"].labels, classes)
    train, val = raw["train"].labelled(asked), raw["val"].labelled(asked)
    test = raw["test"].labelled(asked) if "test" in raw else None
    if spec.holdout_group is not None:
        made = _hold_out(train, val, spec.holdout_group, spec.root or spec.function or "")
    else:
        made = Dataset(train, val, test, _shared_groups(train, val, test))
    for name, split in (("val", made.val), ("test", made.test)):
        if split is not None:
            asked.check_judged(name, split.labels)
    return made


def load_judged(path: Path, input_shape: Shape, task: Task) -> tuple[SplitName, ImageSet]:
    """Returns the images to judge a model on, and the name of their split.

    Args:
        path: a data set as `load_dataset` reads them, of which test, else val, is taken; or a split of one.
        input_shape: (H, W, 3) of the model.
        task: what the labels mean.

    Raises:
        DataError, ResourceError, UnsafeError: it cannot be used.
    """
    files = [path] if path.suffix == ".npz" else [path / "test.npz", path / "val.npz"]
    arrays = next((file for file in files if file.is_file()), None)
    if arrays is not None:
        raw = read_array_file(arrays, input_shape, type(task))
        return next((name for name in SPLITS if name == arrays.stem), "test"), raw.labelled(task)
    if task.has_masks:
        return read_evaluation_folder(path, input_shape, task)
    if task.card is None or not task.card.classes:
        raise DataError(f"{shown(path)}: neither a .npz file nor a folder with test.npz or val.npz")
    split, raw = read_evaluation_classes(path, input_shape, task.card.classes)
    return split, raw.labelled(task)


def _read(spec: DataSpec, kind: type[Task]) -> tuple[dict[SplitName, Raw], tuple[str, ...] | None]:
    """Returns the splits of a source, and the names of the classes where the data or the settings have them."""
    if spec.source == "function":
        return read_function(spec.function or "", spec.arguments, spec.input_shape, kind), spec.classes
    root = Path(spec.root or "")
    if spec.source == "npz":
        return read_arrays(root, spec.input_shape, kind), spec.classes
    if spec.source == "classes":
        return read_class_folders(root, spec.input_shape, spec.classes)
    return read_folder(root, spec.input_shape, kind), spec.classes


def _shared_groups(train: ImageSet, *judged: ImageSet | None) -> tuple[str, ...]:
    """Returns the groups of the training split that a judged split holds as well, sorted."""
    seen = set(train.groups or ())
    return tuple(sorted({group for split in judged if split is not None for group in split.groups or ()} & seen))


def _hold_out(train: ImageSet, val: ImageSet, group: str, root: str) -> Dataset:
    for name, split in (("train", train), ("val", val)):
        if split.groups is None:
            raise ConfigError(
                f"data.holdout_group is {group!r}, but {root}/{name}/groups.csv is missing: write one with the header "
                f"name,group and a row for each image; a .npz file has an array `groups`"
            )
    known = sorted({*(train.groups or ()), *(val.groups or ())})
    if group not in known:
        raise ConfigError(f"data.holdout_group: unknown group {group!r}; groups of {root}: {', '.join(known)}")
    inside = np.array([own == group for own in train.groups or ()])
    if inside.all():
        raise ConfigError(f"data.holdout_group: {group!r} is the only group in {root}/train, nothing is left to train")
    from_val = np.array([own == group for own in val.groups or ()])
    held_out = _joined(train.take(np.flatnonzero(inside)), val.take(np.flatnonzero(from_val)))
    return Dataset(train.take(np.flatnonzero(~inside)), held_out)


def _joined(train: ImageSet, val: ImageSet) -> ImageSet:
    """Returns both sets as one; names get the split they come from, which keeps them unique."""
    return ImageSet(
        np.concatenate([train.images, val.images]),
        np.concatenate([train.labels, val.labels]),
        tuple(f"train-{name}" for name in train.names) + tuple(f"val-{name}" for name in val.names),
        (train.groups or ()) + (val.groups or ()),
        train.task,
    )
