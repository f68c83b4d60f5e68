"""A data set of class folders: `root/{train,val[,test]}/class_name/name.png`.

    root/train/cat/0001.jpg   root/train/dog/0001.jpg   root/train/groups.csv   (optional: name,group)

Classes are numbered in the order of their names. In groups.csv an image is called `cat/0001`. Everything that is wrong
with any file is collected, so that one run tells all.
"""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

import numpy as np

from edge_nas.data.images import read_image, shown
from edge_nas.data.listing import (
    SPLITS,
    Problems,
    SplitName,
    by_stem,
    collected,
    entries,
    existing_folder,
    read_groups,
)
from edge_nas.data.raw import Raw, Shape
from edge_nas.errors import DataError

GROUPS = "groups.csv"


class ClassFolders(NamedTuple):
    """The splits, and the names of the classes in the order of their numbers."""

    splits: dict[SplitName, Raw]
    classes: tuple[str, ...]


def read_class_folders(root: Path, input_shape: Shape, classes: tuple[str, ...] | None = None) -> ClassFolders:
    """Returns the splits under `root`: train, val and, where there is such a folder, test.

    Args:
        root: the folder that holds train/ and val/.
        input_shape: (H, W, 3); images are resized to it.
        classes: names in the order of their numbers; None: the folders of train, sorted.

    Raises:
        DataError: folders are missing or empty, a class that train does not have, unreadable files; the first ten
            problems are listed, with their number.
        ResourceError: no permission to read.
        UnsafeError: a file lies outside `root`.
    """
    root = existing_folder(root)
    wanted = [name for name in SPLITS if name != "test" or (root / name).exists()]
    missing = [name for name in wanted if not (root / name).is_dir()]
    if missing:
        raise DataError(
            f"{shown(root)}: no folder {', '.join(missing)}; a data set of classes is "
            "root/{train,val[,test]}/class_name/name.png"
        )
    known = classes or _class_names(root, root / "train")
    problems = Problems(root)
    splits = {name: _read_split(root, root / name, known, input_shape, problems) for name in wanted}
    problems.raise_if_any()
    return ClassFolders({name: split for name, split in splits.items() if split is not None}, known)


def read_evaluation_classes(path: Path, input_shape: Shape, classes: tuple[str, ...]) -> tuple[SplitName, Raw]:
    """Returns the images to judge a model on, and the name of their split.

    `path` holds the class folders itself, or is a data set, whose test/, else val/, is read. Raises as
    `read_class_folders`.
    """
    root = existing_folder(path)
    held = next((name for name in ("test", "val") if (root / name).is_dir()), None)
    folder = root if held is None else root / held
    problems = Problems(root)
    raw = _read_split(root, folder, classes, input_shape, problems)
    problems.raise_if_any()
    if raw is None:
        raise DataError(f"{shown(folder)}: holds no image")
    return next((name for name in SPLITS if name == folder.name), "test"), raw


def _class_names(root: Path, folder: Path) -> tuple[str, ...]:
    return tuple(entry.name for entry in entries(root, folder) if entry.is_dir())


def _read_split(
    root: Path, folder: Path, classes: tuple[str, ...], input_shape: Shape, problems: Problems
) -> Raw | None:
    """Returns one split, or None where files are wrong and the reasons have been added to `problems`."""
    numbers = {name: number for number, name in enumerate(classes)}
    files = _files(root, folder, numbers, problems)
    images = []
    for name, file in files.items():
        with collected(problems):
            images.append((read_image(file, input_shape), numbers[name.split("/")[0]]))
    group_of = read_groups(root, folder / GROUPS, sorted(files), problems)
    if not files:
        problems.add(f"{shown(folder)}: holds no image")
    if len(images) < len(files) or not files:
        return None
    return Raw(
        images=np.stack([image for image, _ in images]),
        labels=np.array([number for _, number in images], np.int32),
        names=tuple(shown(name) for name in files),
        groups=None if group_of is None else tuple(group_of[name] for name in files),
        where=shown(folder),
    )


def _files(root: Path, folder: Path, numbers: Mapping[str, int], problems: Problems) -> dict[str, Path]:
    """Returns `class/name` -> file, in the order of the classes."""
    found: dict[str, Path] = {}
    for entry in entries(root, folder):
        if entry.is_dir() and entry.name in numbers:
            inside = by_stem(root, entry, problems)
            if not inside:
                problems.add(f"{shown(entry)}: holds no image")
            found |= {f"{entry.name}/{stem}": file for stem, file in sorted(inside.items())}
        elif entry.is_dir():
            problems.add(f"{shown(entry)}: an unknown class; classes: {', '.join(map(shown, numbers)) or 'none'}")
        elif entry.name != GROUPS:
            problems.add(f"{shown(entry)}: not a folder of a class; images lie in {folder.name}{os.sep}class_name")
    return dict(sorted(found.items(), key=lambda item: (numbers[item[0].split("/")[0]], item[0])))
