"""How somebody's folder of pictures is laid out, of the ways that are common, and which of them a build takes as it is.

    root/{train,val[,test]}/{img,mask}      taken        root/{images,masks}                   not split
    root/{train,val[,test]}/class_name      taken        root/{images,masks}/{train,val}       parts first
    root/{train,val[,test]}.npz             taken        root/{train,val}/{images,masks}       other names
                                                         root/name.jpg, root/name_mask.png     side by side
                                                         root/class_name/name.jpg              classes, not split

`edge-nas init NAME --data ROOT` arranges the others as a build takes them; messages about data name what was found.
"""

import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Literal, NamedTuple

from edge_nas.data.images import SUFFIXES, shown
from edge_nas.data.listing import entries
from edge_nas.data.splits import SplitName

IMAGE_FOLDERS = ("img", "images", "image", "imgs", "pictures", "photos", "frames", "JPEGImages", "rgb")
MASK_FOLDERS = (
    *("mask", "masks", "label", "labels", "annotations", "annotation", "gt", "ground_truth", "SegmentationClass"),
    *("segmentation", "segmentations", "segments"),
)
MASK_ENDINGS = ("_mask", "-mask", "_masks", "_label", "-label", "_labels", "_gt", "_seg", "_annotation")
SPLIT_NAMES: dict[str, SplitName] = {
    "train": "train",
    "training": "train",
    "val": "val",
    "valid": "val",
    "validation": "val",
    "test": "test",
    "testing": "test",
}

_TOLD = 6
"""Folders that a message names."""

Kind = Literal["masks", "classes", "arrays"]


class Sample(NamedTuple):
    """The files of one sample: place below a split's folder, as a build takes it -> where the file is now."""

    files: dict[str, Path]


class Layout(NamedTuple):
    """What was found.

    Attributes:
        kind: what labels are: masks, folders of classes, or arrays.
        described: how the files lie, in words.
        is_taken: whether a build takes the folder as it is.
        samples: of each split, None for all together; empty for arrays.
        lonely: pictures without a mask, or masks without a picture.
    """

    kind: Kind
    described: str
    is_taken: bool
    samples: dict[SplitName | None, tuple[Sample, ...]]
    lonely: tuple[Path, ...] = ()

    @property
    def is_split(self) -> bool:
        """Whether train and val are told apart."""
        return {"train", "val"} <= set(self.samples)


def find_layout(root: Path) -> Layout | None:
    """Returns how the files under `root` lie; None where it is none of the ways that are known.

    Raises:
        UnsafeError: a link that leads outside.
        ResourceError: no permission to read.
    """
    root = Path(os.path.realpath(root))
    ways = (_arrays, _split_first, _parts_first, _unsplit_masks, _side_by_side, _classes)
    return next((layout for way in ways if (layout := way(root)) is not None), None)


def advice(root: Path) -> str:
    """Returns what was found in a folder that no build takes, and the command that arranges it; "" for nothing."""
    layout = find_layout(root)
    if layout is None or layout.is_taken:
        return ""
    return f"; found: {layout.described}. Arrange it by links: edge-nas init NAME --data {root}"


def contents(root: Path) -> str:
    """Returns what lies in a folder, in words: what to hold beside the layouts that are known."""
    root = Path(os.path.realpath(root))
    inside = [(f"{shown(name)}/", _images(folder)) for name, folder in _folders(root).items()]
    told = [f"{name} with {len(files)} pictures" if files else name for name, files in inside[:_TOLD]]
    told += [f"{len(inside) - _TOLD} more folders"] if len(inside) > _TOLD else []
    here = _images(root)
    if here:
        told.append(f"{len(here)} pictures, such as {shown(next(iter(here.values())).name)}")
    return ", ".join(told) or "nothing"


def _folders(root: Path) -> dict[str, Path]:
    return {entry.name: entry for entry in entries(root, root) if entry.is_dir()} if root.is_dir() else {}


def _images(folder: Path) -> dict[str, Path]:
    """Returns the pictures of a folder by name without suffix."""
    files = (entry for entry in entries(folder, folder) if entry.is_file() and entry.suffix.lower() in SUFFIXES)
    return {file.stem: file for file in files}


def _first(folders: dict[str, Path], names: tuple[str, ...]) -> str | None:
    """Returns the name of a folder that is called one of these, whatever its case."""
    by_lower = {name.lower(): name for name in folders}
    return next((by_lower[name.lower()] for name in names if name.lower() in by_lower), None)


def _splits(folders: dict[str, Path]) -> dict[SplitName, str]:
    """Returns split -> name of its folder."""
    found = {SPLIT_NAMES[name.lower()]: name for name in folders if name.lower() in SPLIT_NAMES}
    return found if {"train", "val"} <= set(found) else {}


def _arrays(root: Path) -> Layout | None:
    if not all((root / f"{split}.npz").is_file() for split in ("train", "val")):
        return None
    return Layout("arrays", "train.npz and val.npz", is_taken=True, samples={})


def _split_first(root: Path) -> Layout | None:
    """Finds root/{train,val}/{img,mask}, under these or other names, and root/{train,val}/class_name."""
    folders = _folders(root)
    splits = _splits(folders)
    if not splits:
        return None
    inside = _folders(folders[splits["train"]])
    image, mask = _first(inside, IMAGE_FOLDERS), _first(inside, MASK_FOLDERS)
    if image is None and mask is None:
        return _class_splits(root, splits)
    if image is None or mask is None:
        return None
    pairs = {split: _pairs(root / name / image, root / name / mask) for split, name in splits.items()}
    is_taken = (image, mask) == ("img", "mask") and all(split == name for split, name in splits.items())
    names = ", ".join(splits.values())
    return _of_pairs(pairs, f"{image}/ and {mask}/ in each of {names}", is_taken=is_taken)


def _parts_first(root: Path) -> Layout | None:
    """Finds root/{images,masks}/{train,val}."""
    folders = _folders(root)
    image, mask = _first(folders, IMAGE_FOLDERS), _first(folders, MASK_FOLDERS)
    if image is None or mask is None:
        return None
    splits = _splits(_folders(root / image))
    if not splits:
        return None
    pairs = {split: _pairs(root / image / name, root / mask / name) for split, name in splits.items()}
    return _of_pairs(pairs, f"{', '.join(splits.values())} inside {image}/ and {mask}/", is_taken=False)


def _unsplit_masks(root: Path) -> Layout | None:
    folders = _folders(root)
    image, mask = _first(folders, IMAGE_FOLDERS), _first(folders, MASK_FOLDERS)
    if image is None or mask is None:
        return None
    pairs = {None: _pairs(root / image, root / mask)}
    return _of_pairs(pairs, f"{image}/ and {mask}/, not split into train and val", is_taken=False)


def _side_by_side(root: Path) -> Layout | None:
    """Finds masks that are called as their picture and an ending, in one folder."""
    files = _images(root) if root.is_dir() else {}
    for ending in MASK_ENDINGS:
        masks = {stem.removesuffix(ending): file for stem, file in files.items() if stem.endswith(ending)}
        images = {stem: file for stem, file in files.items() if not stem.endswith(ending)}
        if masks and images.keys() & masks.keys():
            pairs = {None: (_matched(images, masks), _lonely(images, masks))}
            return _of_pairs(pairs, f"pictures beside masks called *{ending}, not split", is_taken=False)
    return None


def _classes(root: Path) -> Layout | None:
    folders = _folders(root)
    if _splits(folders) or _first(folders, (*IMAGE_FOLDERS, *MASK_FOLDERS)) is not None:
        return None  # pictures or masks that lack the others are no classes
    samples = tuple(_of_classes(root))
    if len({next(iter(sample.files)).split("/")[0] for sample in samples}) < 2:
        return None
    return Layout("classes", "a folder for each class, not split into train and val", False, {None: samples})


def _class_splits(root: Path, splits: dict[SplitName, str]) -> Layout | None:
    samples: dict[SplitName | None, tuple[Sample, ...]] = {
        split: tuple(_of_classes(root / name)) for split, name in splits.items()
    }
    if not all(samples.values()):
        return None
    is_taken = all(split == name for split, name in splits.items())
    return Layout("classes", f"a folder for each class in {', '.join(splits.values())}", is_taken, samples)


def _of_classes(folder: Path) -> Iterator[Sample]:
    for name, inside in _folders(folder).items():
        for file in _images(inside).values():
            yield Sample({f"{name}/{file.name}": file})


_Pairs = tuple[dict[str, tuple[Path, Path]], tuple[Path, ...]]
"""Pictures and masks by their common name, and files without a partner."""


def _pairs(images: Path, masks: Path) -> _Pairs:
    if not (images.is_dir() and masks.is_dir()):
        return {}, ()
    pictures, found = _images(images), _images(masks)
    for ending in ("", *MASK_ENDINGS):
        named = {stem.removesuffix(ending): file for stem, file in found.items() if stem.endswith(ending)}
        if pictures.keys() & named.keys():
            return _matched(pictures, named), _lonely(pictures, named)
    return {}, tuple(pictures.values())


def _matched(images: dict[str, Path], masks: dict[str, Path]) -> dict[str, tuple[Path, Path]]:
    return {stem: (images[stem], masks[stem]) for stem in sorted(images.keys() & masks.keys())}


def _lonely(images: dict[str, Path], masks: dict[str, Path]) -> tuple[Path, ...]:
    return tuple(images.get(stem) or masks[stem] for stem in sorted(images.keys() ^ masks.keys()))


def _of_pairs(
    pairs: Mapping[SplitName, _Pairs] | Mapping[None, _Pairs], described: str, *, is_taken: bool
) -> Layout | None:
    """Returns the layout of pictures with masks; None where no picture has a mask."""
    samples: dict[SplitName | None, tuple[Sample, ...]] = {
        split: tuple(map(_sample, found.items())) for split, (found, _) in pairs.items()
    }
    if not any(samples.values()):
        return None
    lonely = tuple(file for _, files in pairs.values() for file in files)
    return Layout("masks", described, is_taken, samples, lonely)


def _sample(entry: tuple[str, tuple[Path, Path]]) -> Sample:
    stem, (image, mask) = entry
    return Sample({f"img/{stem}{image.suffix}": image, f"mask/{stem}{mask.suffix}": mask})
