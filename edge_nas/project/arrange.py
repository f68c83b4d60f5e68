"""Somebody's samples as a build takes them: split, named and linked into a folder of their own.

Files are hard links, which cost no disk and which nobody can follow out of the data set; on another file system, where
there are none, they are copied. Masks whose values are no class numbers, or whose size is not their picture's, are
written anew.
"""

import hashlib
import os
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from PIL import Image

from edge_nas.core import atomic
from edge_nas.data.images import mask_codes
from edge_nas.data.layout import Layout, Sample
from edge_nas.data.splits import SPLITS, SplitName
from edge_nas.errors import ConfigError, DataError

_SHARES: dict[SplitName, float] = {"train": 0.7, "val": 0.15, "test": 0.15}
LEAST_SAMPLES = 3
"""One for each split."""


class Arranged(NamedTuple):
    """How many samples each split got, and how many files had to be copied."""

    counts: dict[SplitName, int]
    copied: int


def arrange(
    layout: Layout,
    folder: Path,
    numbers: Mapping[int, int] | None,
    sizes: Mapping[Path, tuple[int, int]],
    *,
    in_colour: bool = False,
) -> Arranged:
    """Puts the samples of a layout into a new folder, as a build takes them.

    Args:
        layout: where they are.
        folder: made; must not be there.
        numbers: every mask value -> class number, where masks are written anew; None: they are linked.
        sizes: mask -> (width, height) that it gets, of those that are written anew for their size.
        in_colour: whether the values are colours, as `mask_codes` has them.

    Raises:
        ConfigError: the folder is there already.
        DataError: too few samples to split.
        ResourceError: it cannot be written.
    """
    if folder.exists():
        raise ConfigError(f"{folder} is there already; remove it, or choose another NAME")
    splits = layout.samples if layout.is_split else _split(layout)
    copied = 0
    for split, samples in splits.items():
        for sample in samples:
            for place, source in sample.files.items():
                target = folder / str(split) / place
                if place.startswith("mask/") and (numbers is not None or source in sizes):
                    codes = mask_codes(source, in_colour=in_colour)
                    _write_mask(codes, target, numbers, sizes.get(source))
                else:
                    copied += _put(source, target)
    return Arranged({split: len(splits[split]) for split in SPLITS if split in splits}, copied)


def _split(layout: Layout) -> dict[SplitName | None, tuple[Sample, ...]]:
    """Returns samples that were together as train, val and test; each class keeps its share in each."""
    groups: dict[str, list[Sample]] = {}
    for sample in (sample for samples in layout.samples.values() for sample in samples):
        place = next(iter(sample.files))
        groups.setdefault(place.split("/")[0] if layout.kind == "classes" else "", []).append(sample)
    parts: dict[SplitName | None, list[Sample]] = {split: [] for split in SPLITS}
    for name, group in groups.items():
        if len(group) < LEAST_SAMPLES:
            of_class = f" of class {name}" if name else ""
            raise DataError(f"{len(group)} samples{of_class}; at least {LEAST_SAMPLES} are needed to split them")
        for split, part in _cut(sorted(group, key=_drawn)).items():
            parts[split] += part
    return {split: tuple(part) for split, part in parts.items()}


def _cut(samples: list[Sample]) -> dict[SplitName, list[Sample]]:
    evaluated = max(1, round(_SHARES["val"] * len(samples)))
    return {"val": samples[:evaluated], "test": samples[evaluated : 2 * evaluated], "train": samples[2 * evaluated :]}


def _drawn(sample: Sample) -> str:
    """Returns what orders samples at random, and the same whenever and wherever it is asked."""
    return hashlib.sha256(next(iter(sample.files)).encode(errors="surrogateescape")).hexdigest()


def _write_mask(
    codes: npt.NDArray[np.int32], target: Path, numbers: Mapping[int, int] | None, size: tuple[int, int] | None
) -> None:
    """Writes a mask with other values, another size (width, height), or both."""
    if size is not None:  # no values that lie between two classes
        codes = np.asarray(Image.fromarray(codes).resize(size, Image.Resampling.NEAREST))
    if numbers is not None:
        values = sorted(numbers)
        codes = np.array([numbers[value] for value in values])[np.searchsorted(values, codes)]
    atomic.make_folder(target.parent)
    with atomic.replacing(target.with_suffix(".png")) as path:
        Image.fromarray(codes.astype(np.uint8)).save(path, format="PNG")


def _put(source: Path, target: Path) -> int:
    """Links a file; returns how many files were copied."""
    atomic.make_folder(target.parent)
    with atomic.resource_errors(target, "written"):
        try:
            os.link(source, target)
        except OSError:  # another file system, or one without links
            shutil.copyfile(source, target)
            return 1
    return 0
