"""Which task somebody's labels are for, and which shape and network suit the samples: guesses that say why."""

from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

import numpy as np

from edge_nas.data.arrays import stored_arrays
from edge_nas.data.images import is_in_colour, mask_codes, open_image
from edge_nas.data.layout import Layout
from edge_nas.errors import ConfigError, DataError
from edge_nas.tasks.classes import MAX_CLASSES

_LOOKED_AT = 60
"""Masks by which the task is told, in a second. Where their values need names or others, all are read."""
_LISTED = 8
"""Values that are told."""
_MOST_PIXELS = 96 * 128
"""Of the network's input: what a Cortex-M4 with 256 KiB takes a tenth of a second for."""
_MULTIPLE = 8
"""The registered networks for masks halve their input three times; TerrainNet once more, where the sides are even."""


class Guess(NamedTuple):
    """What to begin with.

    Attributes:
        task, because: the task, and what it was seen by.
        input_shape: of a sample as the network sees it.
        model: a registered network, or None where there is none for such samples.
        stored_size: height and width of the pictures; None of arrays.
        values: the different values of the masks, ascending, as `mask_codes` has them; empty of other labels.
        in_colour: whether the masks hold colours.
    """

    task: str
    because: str
    input_shape: tuple[int, ...]
    model: str | None
    stored_size: tuple[int, int] | None = None
    values: tuple[int, ...] = ()
    in_colour: bool = False

    @property
    def numbers(self) -> dict[int, int] | None:
        """Mask value -> the value that it gets, where they are not those of the task; None: nothing to change.

        Of two classes the lower is background, which a mask holds as 0, as the other is 255 for people to see.
        """
        if "segmentation" not in self.task:
            return None
        is_binary = self.task == "binary_segmentation"
        allowed = (0, 255) if is_binary else range(len(self.values))
        wanted = dict(zip(self.values, allowed, strict=False))
        unlike = self.values[:1] != (0,) if is_binary else any(value != number for value, number in wanted.items())
        return wanted if self.in_colour or (unlike and len(self.values) > 1) else None

    @property
    def classes(self) -> tuple[str, ...]:
        """Names to begin with for the classes of masks, in the order of their numbers; empty of other tasks."""
        if self.task != "segmentation":
            return ()
        kind = "colour" if self.in_colour else "class" if self.numbers is None else "value"
        return tuple(f"{kind}_{self.shown(value)}" for value in self.values)

    def shown(self, value: int) -> str:
        """Returns a value of the masks for people: a colour as style sheets write it."""
        return f"{value:06x}" if self.in_colour else str(value)


def guess(root: Path, layout: Layout, asked: str | None) -> Guess:
    """Returns what suits the samples of a layout.

    Args:
        root: the folder.
        layout: how it is laid out.
        asked: the task that the user names; None: the labels tell.

    Raises:
        ConfigError: the labels are not of the task that was asked for.
        DataError: a file cannot be read.
    """
    if layout.kind == "arrays":
        return _of_arrays(root, asked)
    first = next(sample for samples in layout.samples.values() for sample in samples)
    picture = open_image(next(iter(first.files.values())))
    size = (picture.height, picture.width)
    if layout.kind == "classes":
        _require(asked, ("classification",), "a folder for each class")
        return Guess("classification", "a folder for each class", shape_for(size), "presence_net", size)
    values, in_colour = _values_of_all(_masks(layout), asked)
    guessed = Guess("", "", shape_for(size), "terrain_net", size, values, in_colour)
    many = len(values) > 2
    listed = ", ".join(map(guessed.shown, values[:_LISTED])) + (", ..." if len(values) > _LISTED else "")
    because = f"masks hold {len(values)} {'colours' if in_colour else 'values'} ({listed})"
    _require(asked, ("segmentation",) if many else ("binary_segmentation", "segmentation"), because)
    return guessed._replace(task=asked or ("segmentation" if many else "binary_segmentation"), because=because)


def shape_for(size: tuple[int, int]) -> tuple[int, int, int]:
    """Returns (height, width, 3) of the same proportions, as large as a microcontroller likes it, multiples of 8."""
    height, width = size
    scale = min(1.0, (_MOST_PIXELS / (height * width)) ** 0.5)
    high, wide = (max(_MULTIPLE, int(side * scale // _MULTIPLE) * _MULTIPLE) for side in (height, width))
    return high, wide, 3


def _masks(layout: Layout) -> list[Path]:
    return [path for samples in layout.samples.values() for sample in samples for place, path in sample.files.items()
            if place.startswith("mask/")]  # fmt: skip


def _values_of_all(masks: list[Path], asked: str | None) -> tuple[tuple[int, ...], bool]:
    """Returns the values of masks, ascending, and whether they are colours; of some masks where those tell enough."""
    looked_at = masks[:: max(1, len(masks) // _LOOKED_AT)]
    in_colour = any(map(is_in_colour, looked_at))
    values = _values_of(looked_at, in_colour)
    if in_colour or len(values) > 2 or values[0] != 0 or asked == "segmentation":
        values = _values_of(masks, in_colour)
    if len(values) > MAX_CLASSES:
        raise DataError(
            f"masks hold {len(values):,} {'colours' if in_colour else 'values'}, such as {masks[0]}; allowed: "
            f"{MAX_CLASSES}, one for each class. Masks with smooth edges have more: save them without smoothing"
        )
    return values, in_colour


def _values_of(masks: Iterable[Path], in_colour: bool) -> tuple[int, ...]:
    different = (np.unique(mask_codes(path, in_colour=in_colour)) for path in masks)
    return tuple(sorted(set().union(*(values.tolist() for values in different))))


def _of_arrays(root: Path, asked: str | None) -> Guess:
    samples, labels = stored_arrays(root / "train.npz")
    shape = samples.shape[1:]
    if labels.dtype.kind == "f":
        task, because = "regression", f"labels are {labels.dtype}"
    elif labels.ndim > 2:
        many = len(np.unique(labels)) > 2
        task, because = ("segmentation" if many else "binary_segmentation"), f"labels have shape {labels.shape}"
    else:
        task, because = "classification", f"labels are {labels.dtype}, one for each sample"
    allowed = ("classification", "regression") if task == "classification" else (task,)
    _require(asked, allowed, because)
    return Guess(asked or task, because, shape, _model_for(asked or task, shape))


def _model_for(task: str, shape: tuple[int, ...]) -> str | None:
    if "segmentation" in task:
        return "terrain_net"
    return {3: "presence_net", 2: "keyword_net"}.get(len(shape))


def _require(asked: str | None, allowed: Iterable[str], because: str) -> None:
    if asked is not None and asked not in allowed:
        raise ConfigError(f"--task is {asked}, but {because}; tasks of such labels: {', '.join(allowed)}")


def require_some(layout: Layout, root: Path) -> None:
    """Refuses a folder in which no sample was found.

    Raises:
        DataError: says so.
    """
    if layout.kind != "arrays" and not any(layout.samples.values()):
        raise DataError(f"{root}: holds no picture with a label")
