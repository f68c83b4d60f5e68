"""From the configuration's `data` to a `Dataset`: source, groups held out, groups shared."""

from pathlib import Path

import numpy as np

from edge_nas.core.config import DataSpec
from edge_nas.data.dataset import Dataset, ImageSet
from edge_nas.data.folder import read_folder
from edge_nas.data.terrain import generate_terrain
from edge_nas.errors import ConfigError


def load_dataset(spec: DataSpec) -> Dataset:
    """Returns the data set that `spec` describes.

    With `holdout_group`, training leaves that group out and validation is that group alone: its images from train and
    from val. There is no test split then, since it may hold frames of the training groups: the held-out group is what
    is reported.

    Raises:
        ConfigError: the group to hold out is unknown, or groups are not known at all.
        DataError, ResourceError, UnsafeError: the folder cannot be used; see `read_folder`.
    """
    if spec.source == "terrain" or spec.root is None:
        if spec.holdout_group is not None:
            raise ConfigError(
                f"data.holdout_group is {spec.holdout_group!r}, but the built-in terrain has no groups: leave it out "
                f"or set data.source=folder"
            )
        return generate_terrain(spec.terrain, spec.input_shape)
    splits = read_folder(Path(spec.root), spec.input_shape)
    train, val, test = splits["train"], splits["val"], splits.get("test")
    if spec.holdout_group is not None:
        return _hold_out(train, val, spec.holdout_group, spec.root)
    return Dataset(train, val, test, _shared_groups(train, val, test))


def _shared_groups(train: ImageSet, *judged: ImageSet | None) -> tuple[str, ...]:
    """Returns the groups of the training split that a judged split holds as well, sorted."""
    seen = set(train.groups or ())
    return tuple(sorted({group for split in judged if split is not None for group in split.groups or ()} & seen))


def _hold_out(train: ImageSet, val: ImageSet, group: str, root: str) -> Dataset:
    for name, split in (("train", train), ("val", val)):
        if split.groups is None:
            raise ConfigError(
                f"data.holdout_group is {group!r}, but {root}/{name}/groups.csv is missing: write one with the header "
                f"name,group and a row for each image"
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
