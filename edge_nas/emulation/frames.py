"""Input frames that show what random ones hide: smooth, all-min, all-max, a single pixel."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

KINDS = ("random", "smooth", "all_min", "all_max", "single_pixel")
_VARYING = ("random", "smooth", "single_pixel")


@dataclass(frozen=True)
class Frames:
    """Inputs and what each is: `kinds` has one of `KINDS` per frame, `codes` is (N, *shape) int8."""

    kinds: tuple[str, ...]
    codes: npt.NDArray[np.int8]


def make_frames(shape: Sequence[int], count: int, seed: int = 0) -> Frames:
    """Returns `count` frames; the same arguments always give the same frames.

    One of each kind comes first, in the order of `KINDS`; then those kinds in turn of which there is more than one
    frame. random: every code equally likely. smooth: a random walk of standard deviation 4 along the second axis, as in
    images. all_min, all_max: -128, 127. single_pixel: -128 but for one position that is 127 in all channels, another
    one each time.

    Args:
        shape: of one frame, without the batch; channels last.
        count: how many, at least 1.
        seed: of the random numbers.
    """
    generator = np.random.default_rng(seed)
    varying = (_VARYING[i % len(_VARYING)] for i in range(count - len(KINDS)))
    kinds = (*KINDS[:count], *varying)
    return Frames(kinds, np.stack([_frame(kind, tuple(shape), generator) for kind in kinds]))


def _frame(kind: str, shape: tuple[int, ...], generator: np.random.Generator) -> npt.NDArray[np.int8]:
    if kind == "random":
        return generator.integers(-128, 128, shape, dtype=np.int8)
    if kind == "smooth":
        walk = np.cumsum(generator.normal(0.0, 4.0, shape), axis=min(1, len(shape) - 1)) + generator.uniform(-64, 64)
        return np.clip(np.rint(walk), -128, 127).astype(np.int8)
    frame = np.full(shape, 127 if kind == "all_max" else -128, np.int8)
    if kind == "single_pixel":
        # A vector has no channels: its last axis is its only one.
        places = shape[:-1] if len(shape) > 1 else shape
        frame[tuple(int(generator.integers(size)) for size in places)] = 127
    return frame
