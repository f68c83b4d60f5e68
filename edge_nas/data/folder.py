"""A data set in a folder: `root/{train,val[,test]}/{img,mask}`, an image and its mask share their name.

    root/train/img/0001.jpg   root/train/mask/0001.png   root/train/groups.csv   (optional: name,group)

Everything that is wrong with any file is collected, so that one run tells all; only a file that lies outside the root
(a symbolic link) stops at once.
"""

import os
from pathlib import Path
from typing import ClassVar, Literal, NamedTuple

import numpy as np
from PIL import Image
from pydantic import Field

from edge_nas.core.arrays import Pixels
from edge_nas.core.config import DataSpec
from edge_nas.core.samples import PICTURE_CHANNELS
from edge_nas.data.dataset import ImageSet
from edge_nas.data.images import SUFFIXES, open_image, open_mask, resize_image, resize_mask, same_proportions, shown
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
from edge_nas.tasks import BINARY_SEGMENTATION, BinarySegmentation, Task

RESIZED_BY_INIT = "edge-nas init NAME --data DIR writes such masks anew at their picture's size"


class FolderSource(DataSpec):
    """`root/{train,val[,test]}/{img,mask}`: an image and its mask have one name."""

    phrase: ClassVar[str] = "images from a folder"
    picture_channels: ClassVar[tuple[int, ...] | None] = PICTURE_CHANNELS

    source: Literal["folder"] = Field(default="folder", description="images and masks in folders")
    root: str = Field(description="the folder that holds train and val")

    @classmethod
    def teaches(cls, task: type[Task]) -> bool:
        """Returns whether labels of the task are masks."""
        return task.has_masks

    @property
    def place(self) -> str:
        """The folder."""
        return self.root

    def read_splits(self, task: type[Task]) -> SourceSplits:
        """Returns what the folders hold. Raises as `read_folder`."""
        return SourceSplits(read_folder(Path(self.root), self.input_shape, task))


def read_folder(root: Path, input_shape: Shape, task: type[Task] = BinarySegmentation) -> dict[SplitName, SplitArrays]:
    """Returns the splits under `root`: train, val and, where there is such a folder, test.

    Args:
        root: the folder that holds train/ and val/.
        input_shape: (H, W, C), C 1 or 3; images and masks are resized to it.
        task: says what the values of a mask mean.

    Raises:
        DataError: folders are missing or empty, or files are unreadable or do not belong together; the first ten
            problems are listed, with their number.
        ResourceError: no permission to read.
        UnsafeError: a file lies outside `root`.
    """
    root = existing_folder(root)
    names = splits_in(root)
    needed = [Path(name, part) for name in names for part in ("img", "mask")]
    missing = [str(folder) for folder in needed if not (root / folder).is_dir()]
    if missing:
        raise DataError(
            f"{shown(root)}: no folder {', '.join(missing)}; a data set is root/{{train,val[,test]}}/{{img,mask}}, "
            f"an image and its mask sharing their name{advice(root)}"
        )
    return _read_splits(root, {name: root / name for name in names}, input_shape, task)


def read_evaluation_folder(
    path: Path, input_shape: Shape, task: Task = BINARY_SEGMENTATION
) -> tuple[SplitName, ImageSet]:
    """Returns the images to evaluate a model on, and the name of their split.

    `path` holds img/ and mask/ itself (its split is its own name where that is train, val or test, else "test"), or is
    a data set, whose test/, else val/, is read. Raises as `read_folder`.
    """
    root = existing_folder(path)
    folder = next((inner for inner in (root, root / "test", root / "val") if (inner / "img").is_dir()), None)
    if folder is None:
        raise DataError(f"{shown(root)}: holds neither img/ and mask/ nor test/ or val/ with them")
    if not (folder / "mask").is_dir():
        raise DataError(f"{shown(folder)}: holds img/ but no mask/; to see masks without a truth, use predict")
    split = split_called(folder.name)
    return split, _read_splits(root, {split: folder}, input_shape, type(task))[split].of_task(task)


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
    root: Path, folders: dict[SplitName, Path], input_shape: Shape, task: type[Task]
) -> dict[SplitName, SplitArrays]:
    """Returns the split in each folder, or raises with the problems of all of them."""
    problems = Problems(root)
    splits = {name: _read_split(root, folder, input_shape, task, problems) for name, folder in folders.items()}
    problems.raise_if_any()
    return {name: split for name, split in splits.items() if split is not None}


class _Pair(NamedTuple):
    """An image (H, W, C) and its mask (H, W), both uint8."""

    image: Pixels
    mask: Pixels


def _read_split(
    root: Path, folder: Path, input_shape: Shape, task: type[Task], problems: Problems
) -> SplitArrays | None:
    """Returns one split, or None where files are wrong and the reasons have been added to `problems`."""
    images = by_stem(root, folder / "img", problems)
    masks = by_stem(root, folder / "mask", problems)
    for stem in sorted(images.keys() ^ masks.keys()):
        lone, other = (images, "mask") if stem in images else (masks, "img")
        problems.add(f"{shown(lone[stem])}: no partner in {shown(folder.name)}{os.sep}{other}; names must be equal")
    if not images and not masks:
        problems.add(f"{shown(folder)}: holds no image")
    stems = sorted(images.keys() & masks.keys())
    pairs = []
    for stem in stems:
        pair = _read_pair(images[stem], masks[stem], input_shape, task, problems)
        if pair is not None:
            pairs.append(pair)
    group_of = read_groups(root, folder / "groups.csv", sorted(images.keys() | masks.keys()), problems)
    if len(pairs) < len(stems) or not pairs:
        return None
    return SplitArrays(
        images=np.stack([pair.image for pair in pairs]),
        labels=np.stack([pair.mask for pair in pairs]),
        names=tuple(shown(stem) for stem in stems),
        groups=None if group_of is None else tuple(group_of[stem] for stem in stems),
        place=shown(folder),
    )


def _read_pair(
    image_path: Path, mask_path: Path, input_shape: Shape, task: type[Task], problems: Problems
) -> _Pair | None:
    """Returns an image and its mask, or None where a file is wrong: both are looked at before giving up."""
    image: Image.Image | None = None
    mask: Image.Image | None = None
    with collected(problems):
        image = open_image(image_path, input_shape[-1])
    with collected(problems):
        mask = open_mask(mask_path, task)
    if image is None or mask is None:
        return None
    if image.size != mask.size:
        way = "" if not same_proportions(image.size, mask.size) else f"; {RESIZED_BY_INIT}"
        # Without the image's name, which is the mask's: so it is said once for all files.
        problems.add(
            f"{shown(mask_path)}: the mask is {mask.width}x{mask.height} but its image is {image.width}x{image.height} "
            f"(EXIF orientation applied); they must be equal{way}"
        )
        return None
    return _Pair(resize_image(image, input_shape), resize_mask(mask, input_shape))
