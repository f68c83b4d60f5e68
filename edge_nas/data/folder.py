"""A data set in a folder: `root/{train,val[,test]}/{img,mask}`, an image and its mask share their name.

    root/train/img/0001.jpg   root/train/mask/0001.png   root/train/groups.csv   (optional: name,group)

Everything that is wrong with any file is collected, so that one run tells all; only a file that lies outside the root
(a symbolic link) stops at once.
"""

import os
from pathlib import Path

import numpy as np
import numpy.typing as npt

from edge_nas.data.dataset import ImageSet
from edge_nas.data.images import SUFFIXES, open_image, open_mask, resize_image, resize_mask, shown
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
from edge_nas.tasks import BINARY_SEGMENTATION, BinarySegmentation, Task


def read_folder(root: Path, input_shape: Shape, kind: type[Task] = BinarySegmentation) -> dict[SplitName, Raw]:
    """Returns the splits under `root`: train, val and, where there is such a folder, test.

    Args:
        root: the folder that holds train/ and val/.
        input_shape: (H, W, 3); images and masks are resized to it.
        kind: the task, which says what the values of a mask mean.

    Raises:
        DataError: folders are missing or empty, or files are unreadable or do not belong together; the first ten
            problems are listed, with their number.
        ResourceError: no permission to read.
        UnsafeError: a file lies outside `root`.
    """
    root = existing_folder(root)
    wanted = [name for name in SPLITS if name != "test" or (root / name).exists()]
    missing = [f"{name}{os.sep}{part}" for name in wanted for part in ("img", "mask") if not _has(root, name, part)]
    if missing:
        raise DataError(
            f"{shown(root)}: no folder {', '.join(missing)}; a data set is root/{{train,val[,test]}}/{{img,mask}}, "
            f"an image and its mask sharing their name"
        )
    return _read_splits(root, {name: root / name for name in wanted}, input_shape, kind)


def read_evaluation_folder(
    path: Path, input_shape: Shape, task: Task = BINARY_SEGMENTATION
) -> tuple[SplitName, ImageSet]:
    """Returns the images to judge a model on, and the name of their split.

    `path` holds img/ and mask/ itself (its split is its own name where that is train, val or test, else "test"), or is
    a data set, whose test/, else val/, is read. Raises as `read_folder`.
    """
    root = existing_folder(path)
    folder = root
    if not _has(root, "img"):
        held = [name for name in ("test", "val") if _has(root, name, "img")]
        if not held:
            raise DataError(f"{shown(root)}: holds neither img/ and mask/ nor test/ or val/ with them")
        folder = root / held[0]
    if not _has(folder, "mask"):
        raise DataError(f"{shown(folder)}: holds img/ but no mask/; to see masks without a truth, use predict")
    split: SplitName = next((name for name in SPLITS if name == folder.name), "test")
    return split, _read_splits(root, {split: folder}, input_shape, type(task))[split].labelled(task)


def list_images(path: Path) -> tuple[Path, ...]:
    """Returns `path` itself where it is a file, else the PNG, JPEG and BMP files in that folder, sorted by name.

    Raises:
        DataError: nothing there, or no image.
        UnsafeError: an image lies outside the folder.
    """
    if path.is_file():
        return (path,)
    root = existing_folder(path)
    images = tuple(file for file in entries(root, root) if file.is_file() and file.suffix.lower() in SUFFIXES)
    if not images:
        raise DataError(f"{shown(root)}: holds no image; looked for {', '.join(sorted(SUFFIXES))}")
    return images


def _read_splits(
    root: Path, folders: dict[SplitName, Path], input_shape: Shape, kind: type[Task]
) -> dict[SplitName, Raw]:
    """Returns the split in each folder, or raises with the problems of all of them."""
    problems = Problems(root)
    splits = {name: _read_split(root, folder, input_shape, kind, problems) for name, folder in folders.items()}
    problems.raise_if_any()
    return {name: split for name, split in splits.items() if split is not None}


def _read_split(root: Path, folder: Path, input_shape: Shape, kind: type[Task], problems: Problems) -> Raw | None:
    """Returns one split, or None where files are wrong and the reasons have been added to `problems`."""
    images = by_stem(root, folder / "img", problems)
    masks = by_stem(root, folder / "mask", problems)
    for stem in sorted(images.keys() ^ masks.keys()):
        lone, other = (images, "mask") if stem in images else (masks, "img")
        problems.add(f"{shown(lone[stem])}: no partner in {shown(folder.name)}{os.sep}{other}; names must be equal")
    stems = sorted(images.keys() & masks.keys())
    if not images and not masks:
        problems.add(f"{shown(folder)}: holds no image")
    pairs = [_read_pair(images[stem], masks[stem], input_shape, kind, problems) for stem in stems]
    group_of = read_groups(root, folder / "groups.csv", sorted(images.keys() | masks.keys()), problems)
    read = [pair for pair in pairs if pair is not None]
    if len(read) < len(pairs) or not read:
        return None
    names = tuple(shown(stem) for stem in stems)
    groups = None if group_of is None else tuple(group_of[stem] for stem in stems)
    pixels, labels = np.stack([image for image, _ in read]), np.stack([mask for _, mask in read])
    return Raw(pixels, labels, names, groups, shown(folder))


def _read_pair(
    image_path: Path, mask_path: Path, input_shape: Shape, kind: type[Task], problems: Problems
) -> tuple[npt.NDArray[np.uint8], npt.NDArray[np.uint8]] | None:
    """Returns (H, W, 3) and (H, W) uint8, or None where a file is wrong: both are looked at before giving up."""
    image = mask = None
    with collected(problems):
        image = open_image(image_path)
    with collected(problems):
        mask = open_mask(mask_path, kind)
    if image is None or mask is None:
        return None
    if image.size != mask.size:
        problems.add(
            f"{shown(mask_path)}: the mask is {mask.width}x{mask.height} but its image {shown(image_path.name)} is "
            f"{image.width}x{image.height} (EXIF orientation applied); they must be equal"
        )
        return None
    return resize_image(image, input_shape), resize_mask(mask, input_shape)


def _has(root: Path, *parts: str) -> bool:
    return root.joinpath(*parts).is_dir()
