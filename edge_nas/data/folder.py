"""A data set in a folder: `root/{train,val[,test]}/{img,mask}`, an image and its mask share their name.

    root/train/img/0001.jpg   root/train/mask/0001.png   root/train/groups.csv   (optional: name,group)

Everything that is wrong with any file is collected, so that one run tells all; only a file that lies outside the root
(a symbolic link) stops at once.
"""

import csv
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Literal

import numpy as np
import numpy.typing as npt

from edge_nas.data.dataset import ImageSet
from edge_nas.data.images import SUFFIXES, open_image, open_mask, resize_image, resize_mask, shown
from edge_nas.errors import DataError, ResourceError, UnsafeError

SplitName = Literal["train", "val", "test"]
Shape = tuple[int, int, int]

SPLITS: tuple[SplitName, ...] = ("train", "val", "test")
LISTED_PROBLEMS = 10


class _Problems:
    """What is wrong with the files of one data set, to be told together."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._messages: list[str] = []

    def add(self, message: str) -> None:
        self._messages.append(message.removeprefix(f"{shown(self._root)}{os.sep}"))

    def raise_if_any(self) -> None:
        if not self._messages:
            return
        count = len(self._messages)
        head = f"{count} problem{'s' if count > 1 else ''} in {shown(self._root)}"
        if count > LISTED_PROBLEMS:
            head += f"; the first {LISTED_PROBLEMS}"
        raise DataError("\n  ".join([f"{head}:", *self._messages[:LISTED_PROBLEMS]]))


def read_folder(root: Path, input_shape: Shape) -> dict[SplitName, ImageSet]:
    """Returns the splits under `root`: train, val and, where there is such a folder, test.

    Args:
        root: the folder that holds train/ and val/.
        input_shape: (H, W, 3); images and masks are resized to it.

    Raises:
        DataError: folders are missing or empty, or files are unreadable or do not belong together; the first ten
            problems are listed, with their number.
        ResourceError: no permission to read.
        UnsafeError: a file lies outside `root`.
    """
    root = _existing_folder(root)
    wanted = [name for name in SPLITS if name != "test" or (root / name).exists()]
    missing = [f"{name}{os.sep}{part}" for name in wanted for part in ("img", "mask") if not _has(root, name, part)]
    if missing:
        raise DataError(
            f"{shown(root)}: no folder {', '.join(missing)}; a data set is root/{{train,val[,test]}}/{{img,mask}}, "
            f"an image and its mask sharing their name"
        )
    return _read_splits(root, {name: root / name for name in wanted}, input_shape)


def read_evaluation_folder(path: Path, input_shape: Shape) -> tuple[SplitName, ImageSet]:
    """Returns the images to judge a model on, and the name of their split.

    `path` holds img/ and mask/ itself (its split is its own name where that is train, val or test, else "test"), or is
    a data set, whose test/, else val/, is read. Raises as `read_folder`.
    """
    root = _existing_folder(path)
    folder = root
    if not _has(root, "img"):
        held = [name for name in ("test", "val") if _has(root, name, "img")]
        if not held:
            raise DataError(f"{shown(root)}: holds neither img/ and mask/ nor test/ or val/ with them")
        folder = root / held[0]
    if not _has(folder, "mask"):
        raise DataError(f"{shown(folder)}: holds img/ but no mask/; to see masks without a truth, use predict")
    split: SplitName = next((name for name in SPLITS if name == folder.name), "test")
    return split, _read_splits(root, {split: folder}, input_shape)[split]


def list_images(path: Path) -> tuple[Path, ...]:
    """Returns `path` itself where it is a file, else the PNG, JPEG and BMP files in that folder, sorted by name.

    Raises:
        DataError: nothing there, or no image.
        UnsafeError: an image lies outside the folder.
    """
    if path.is_file():
        return (path,)
    root = _existing_folder(path)
    images = tuple(file for file in _entries(root, root) if file.is_file() and file.suffix.lower() in SUFFIXES)
    if not images:
        raise DataError(f"{shown(root)}: holds no image; looked for {', '.join(sorted(SUFFIXES))}")
    return images


def _read_splits(root: Path, folders: dict[SplitName, Path], input_shape: Shape) -> dict[SplitName, ImageSet]:
    """Returns the split in each folder, or raises with the problems of all of them."""
    problems = _Problems(root)
    splits = {name: _read_split(root, folder, input_shape, problems) for name, folder in folders.items()}
    problems.raise_if_any()
    return {name: split for name, split in splits.items() if split is not None}


def _read_split(root: Path, folder: Path, input_shape: Shape, problems: _Problems) -> ImageSet | None:
    """Returns one split, or None where files are wrong and the reasons have been added to `problems`."""
    images = _by_stem(root, folder / "img", problems)
    masks = _by_stem(root, folder / "mask", problems)
    for stem in sorted(images.keys() ^ masks.keys()):
        lone, other = (images, "mask") if stem in images else (masks, "img")
        problems.add(f"{shown(lone[stem])}: no partner in {shown(folder.name)}{os.sep}{other}; names must be equal")
    stems = sorted(images.keys() & masks.keys())
    if not images and not masks:
        problems.add(f"{shown(folder)}: holds no image")
    pairs = [_read_pair(images[stem], masks[stem], input_shape, problems) for stem in stems]
    group_of = _read_groups(root, folder / "groups.csv", sorted(images.keys() | masks.keys()), problems)
    read = [pair for pair in pairs if pair is not None]
    if len(read) < len(pairs) or not read:
        return None
    names = tuple(shown(stem) for stem in stems)
    groups = None if group_of is None else tuple(group_of[stem] for stem in stems)
    return ImageSet(np.stack([image for image, _ in read]), np.stack([mask for _, mask in read]), names, groups)


def _read_pair(
    image_path: Path, mask_path: Path, input_shape: Shape, problems: _Problems
) -> tuple[npt.NDArray[np.uint8], npt.NDArray[np.uint8]] | None:
    """Returns (H, W, 3) and (H, W) uint8, or None where a file is wrong: both are looked at before giving up."""
    image = mask = None
    with _collected(problems):
        image = open_image(image_path)
    with _collected(problems):
        mask = open_mask(mask_path)
    if image is None or mask is None:
        return None
    if image.size != mask.size:
        problems.add(
            f"{shown(mask_path)}: the mask is {mask.width}x{mask.height} but its image {shown(image_path.name)} is "
            f"{image.width}x{image.height} (EXIF orientation applied); they must be equal"
        )
        return None
    return resize_image(image, input_shape), resize_mask(mask, input_shape)


@contextmanager
def _collected(problems: _Problems) -> Iterator[None]:
    try:
        yield
    except DataError as error:
        problems.add(str(error))


def _by_stem(root: Path, folder: Path, problems: _Problems) -> dict[str, Path]:
    """Returns the image files of a folder by name without suffix; what else lies there is a problem."""
    found: dict[str, Path] = {}
    for file in _entries(root, folder):
        if not file.is_file():
            problems.add(f"{shown(file)}: not a file; images lie in the folder itself")
        elif file.suffix.lower() not in SUFFIXES:
            problems.add(f"{shown(file)}: neither PNG nor JPEG nor BMP; convert it or move it away")
        elif file.stem in found:
            problems.add(f"{shown(file)}: the same name as {shown(found[file.stem].name)}; keep one of them")
        else:
            found[file.stem] = file
    return found


def _read_groups(root: Path, path: Path, stems: list[str], problems: _Problems) -> dict[str, str] | None:
    """Returns the group of each name, or None without a file or where rows are wrong (added to `problems`)."""
    if not path.exists():
        return None
    _refuse_outside(root, path)
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            rows = list(csv.reader(file, strict=True))
    except PermissionError:
        raise ResourceError(f"{shown(path)}: no permission to read it") from None
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        problems.add(f"{shown(path)}: cannot be read as CSV in UTF-8 ({error})")
        return None
    if not rows or rows[0] != ["name", "group"]:
        problems.add(f"{shown(path)}: line 1 is {','.join(rows[0]) if rows else 'missing'!r}; it must be name,group")
        return None
    groups: dict[str, str] = {}
    for line, row in enumerate(rows[1:], start=2):
        if len(row) != 2 or not all(row):
            problems.add(f"{shown(path)}: row {line} has {len(row)} fields {row}; allowed: a name and its group")
        elif row[0] not in stems:
            problems.add(f"{shown(path)}: row {line} names {row[0]!r}, which has no image (names go without suffix)")
        elif row[0] in groups:
            problems.add(f"{shown(path)}: row {line} names {row[0]!r} a second time")
        else:
            groups[row[0]] = row[1]
    for stem in stems:
        if stem not in groups:
            problems.add(f"{shown(path)}: no valid row for {shown(stem)!r}; every image needs a group")
    return groups if len(groups) == len(stems) else None


def _entries(root: Path, folder: Path) -> list[Path]:
    """Returns what a folder holds, sorted by name, hidden files left out."""
    _refuse_outside(root, folder)
    try:
        entries = sorted(entry for entry in folder.iterdir() if not entry.name.startswith("."))
    except PermissionError:
        raise ResourceError(f"{shown(folder)}: no permission to list it") from None
    for entry in entries:
        _refuse_outside(root, entry)
    return entries


def _refuse_outside(root: Path, path: Path) -> None:
    resolved = Path(os.path.realpath(path))  # unlike Path.resolve, never raises on a loop of links
    if not resolved.is_relative_to(root):
        raise UnsafeError(
            f"{shown(path)}: a link to {shown(resolved)}, outside the data set {shown(root)}; copy the file, or name a "
            f"folder that holds both"
        )


def _existing_folder(path: Path) -> Path:
    """Returns the resolved path of a folder that exists."""
    resolved = Path(os.path.realpath(path.expanduser()))
    if not resolved.is_dir():
        raise DataError(f"{shown(path)}: no such folder (looked at {shown(resolved)})")
    return resolved


def _has(root: Path, *parts: str) -> bool:
    return root.joinpath(*parts).is_dir()
