"""A data set of class folders: `root/{train,val[,test]}/class_name/name.png`.

    root/train/cat/0001.jpg   root/train/dog/0001.jpg   root/train/groups.csv   (optional: name,group)

Classes are numbered in the order of their names. In groups.csv an image is called `cat/0001`. Everything that is wrong
with any file is collected, so that one run tells all.
"""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import ClassVar, Literal

import numpy as np
from pydantic import Field

from edge_nas.core.config import DataSpec
from edge_nas.core.samples import PICTURE_CHANNELS
from edge_nas.data.images import read_image, shown
from edge_nas.data.layout import advice
from edge_nas.data.listing import (
    Problems,
    by_stem,
    collected,
    entries,
    existing_folder,
    read_groups,
    split_called,
    splits_in,
)
from edge_nas.data.splits import Shape, SourceSplits, SplitArrays, SplitName
from edge_nas.errors import DataError
from edge_nas.tasks import Task

GROUPS = "groups.csv"


class ClassFoldersSource(DataSpec):
    """`root/{train,val[,test]}/class_name/name.png`: one folder per class."""

    phrase: ClassVar[str] = "images from class folders"
    picture_channels: ClassVar[tuple[int, ...] | None] = PICTURE_CHANNELS

    source: Literal["classes"] = Field(default="classes", description="images in a folder for each class")
    root: str = Field(description="the folder that holds train and val")

    @classmethod
    def teaches(cls, task: type[Task]) -> bool:
        """Returns whether a label of the task is one class per image."""
        return task.has_classes and not task.has_masks

    @property
    def place(self) -> str:
        """The folder."""
        return self.root

    def read_splits(self, task: type[Task]) -> SourceSplits:  # noqa: ARG002 - all such tasks have the same labels
        """Returns what the folders hold. Raises as `read_class_folders`."""
        return read_class_folders(Path(self.root), self.input_shape, self.classes)


def read_class_folders(root: Path, input_shape: Shape, classes: tuple[str, ...] | None = None) -> SourceSplits:
    """Returns the splits under `root`: train, val and, where there is such a folder, test.

    Args:
        root: the folder that holds train/ and val/.
        input_shape: (H, W, C), C 1 or 3; images are resized to it.
        classes: names in the order of their numbers; None: the folders of train, sorted.

    Raises:
        DataError: folders are missing or empty, a class that train does not have, unreadable files; the first ten
            problems are listed, with their number.
        ResourceError: no permission to read.
        UnsafeError: a file lies outside `root`.
    """
    root = existing_folder(root)
    names = splits_in(root)
    missing = [name for name in names if not (root / name).is_dir()]
    if missing:
        raise DataError(
            f"{shown(root)}: no folder {', '.join(missing)}; a data set of classes is "
            f"root/{{train,val[,test]}}/class_name/name.png{advice(root)}"
        )
    known = classes or _class_names(root, root / "train")
    problems = Problems(root)
    splits = {name: _read_split(root, root / name, known, input_shape, problems) for name in names}
    problems.raise_if_any()
    return SourceSplits({name: split for name, split in splits.items() if split is not None}, known)


def read_evaluation_classes(path: Path, input_shape: Shape, classes: tuple[str, ...]) -> tuple[SplitName, SplitArrays]:
    """Returns the images to evaluate a model on, and the name of their split.

    `path` holds the class folders itself, or is a data set, whose test/, else val/, is read. Raises as
    `read_class_folders`.
    """
    root = existing_folder(path)
    folder = next((inner for inner in (root / "test", root / "val") if inner.is_dir()), root)
    problems = Problems(root)
    split = _read_split(root, folder, classes, input_shape, problems)
    problems.raise_if_any()
    if split is None:
        raise DataError(f"{shown(folder)}: holds no image")
    return split_called(folder.name), split


def _class_names(root: Path, folder: Path) -> tuple[str, ...]:
    return tuple(entry.name for entry in entries(root, folder) if entry.is_dir())


def _read_split(
    root: Path, folder: Path, classes: tuple[str, ...], input_shape: Shape, problems: Problems
) -> SplitArrays | None:
    """Returns one split, or None where files are wrong and the reasons have been added to `problems`."""
    numbers = {name: number for number, name in enumerate(classes)}
    files = _files(root, folder, numbers, problems)
    images, labels = [], []
    for name, file in files.items():
        with collected(problems):
            images.append(read_image(file, input_shape))
            labels.append(numbers[_class_of(name)])
    group_of = read_groups(root, folder / GROUPS, sorted(files), problems)
    if not files:
        problems.add(f"{shown(folder)}: holds no image")
    if len(images) < len(files) or not files:
        return None
    return SplitArrays(
        images=np.stack(images),
        labels=np.array(labels, np.int32),
        names=tuple(shown(name) for name in files),
        groups=None if group_of is None else tuple(group_of[name] for name in files),
        place=shown(folder),
    )


def _class_of(name: str) -> str:
    """Returns the class of an image that is called `class/name`."""
    return name.split("/", maxsplit=1)[0]


def _files(root: Path, folder: Path, numbers: Mapping[str, int], problems: Problems) -> dict[str, Path]:
    """Returns `class/name` -> file, in the order of the classes."""
    files: dict[str, Path] = {}
    for entry in entries(root, folder):
        if entry.is_dir() and entry.name in numbers:
            inside = by_stem(root, entry, problems)
            if not inside:
                problems.add(f"{shown(entry)}: holds no image")
            for stem, file in inside.items():
                files[f"{entry.name}/{stem}"] = file
        elif entry.is_dir():
            problems.add(f"{shown(entry)}: an unknown class; classes: {', '.join(map(shown, numbers)) or 'none'}")
        elif entry.name != GROUPS:
            problems.add(f"{shown(entry)}: not a folder of a class; images lie in {folder.name}{os.sep}class_name")
    ordered = sorted(files, key=lambda name: (numbers[_class_of(name)], name))
    return {name: files[name] for name in ordered}
