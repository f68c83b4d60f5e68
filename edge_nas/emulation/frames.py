"""Input frames that show what random ones hide: smooth, all-min, all-max, a single pixel."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from edge_nas.errors import ArtifactError
from edge_nas.int8.arithmetic import INT8_MAX, INT8_MIN, dequantize
from edge_nas.results.artifacts import TensorSpec
from edge_nas.results.compile import CompiledEnd

Codes = npt.NDArray[np.signedinteger[Any]]

KINDS = ("random", "smooth", "all_min", "all_max", "single_pixel")
# Of the others there is one frame each.
_VARYING = ("random", "smooth", "single_pixel")
# Codes from one pixel to the next, as in photographs.
_SMOOTH_DEVIATION = 4.0
# How far reals lie beside those that codes stand for, in codes: up to beyond the middle between two of them.
_BESIDE = 0.6
# Where a walk may begin: it shall not meet the ends of the codes at once.
_SMOOTH_START = 64.0


@dataclass(frozen=True)
class Frames:
    """Inputs and what each is: `kinds` has one of `KINDS` per frame, `codes` is (N, *shape) int8 or int16."""

    kinds: tuple[str, ...]
    codes: Codes


def make_frames(shape: Sequence[int], count: int, seed: int = 0, dtype: str = "int8") -> Frames:
    """Returns `count` frames; the same arguments always give the same frames.

    One of each kind comes first, in the order of `KINDS`; then those kinds in turn of which there is more than one
    frame. random: every code equally likely. smooth: a random walk of standard deviation 4 along the second axis, as in
    images. all_min, all_max: -128, 127. single_pixel: -128 but for one position that is 127 in all channels, another
    one each time.

    Args:
        shape: of one frame, without the batch; channels last.
        count: how many, at least 1.
        seed: of the random numbers.
        dtype: int8, or int16: the same frames with another eight bits behind each code, drawn as well.
    """
    generator = np.random.default_rng(seed)
    varying = [_VARYING[number % len(_VARYING)] for number in range(count - len(KINDS))]
    kinds = [*KINDS[:count], *varying]
    codes = np.stack([_frame(kind, tuple(shape), generator) for kind in kinds])
    return Frames(tuple(kinds), codes if dtype == "int8" else _widened(codes, generator))


@dataclass(frozen=True)
class StoredFrames:
    """Frames as a file takes them: `kinds` has one of `KINDS` per frame, `inputs` (N, ...) for each of its inputs."""

    kinds: tuple[str, ...]
    inputs: tuple[npt.NDArray[Any], ...]
    codes: tuple[Codes, ...]

    def first(self, count: int) -> "StoredFrames":
        """Returns the first `count` of them."""
        inputs = tuple(values[:count] for values in self.inputs)
        return StoredFrames(self.kinds[:count], inputs, tuple(codes[:count] for codes in self.codes))


def stored_frames(ends: Sequence[CompiledEnd], count: int) -> StoredFrames:
    """Returns `count` frames for a network with these inputs; a frame is of one kind in all of them."""
    frames = [make_frames(end.codes.shape[1:], count, seed, end.codes.dtype) for seed, end in enumerate(ends)]
    inputs = [as_stored(each.codes, end.stored, end.codes) for each, end in zip(frames, ends, strict=True)]
    return StoredFrames(frames[0].kinds, tuple(inputs), tuple(each.codes for each in frames))


def packed(tensors: Sequence[npt.NDArray[Any]]) -> npt.NDArray[np.int8]:
    """Returns tensors (N, ...) as (N, bytes): of each frame those of all tensors, one after the other."""
    rows = [np.ascontiguousarray(values).reshape(len(values), -1).view(np.int8) for values in tensors]
    return np.concatenate(rows, axis=1)


def as_stored(codes: Codes, stored: TensorSpec, coded: TensorSpec) -> npt.NDArray[Any]:
    """Returns frames as a file takes them, which it makes about these codes of.

    Reals lie on both sides of the middle between two codes, and every seventh exactly on it: rounding shows. Integers
    of more bits are those next to such reals.

    Args:
        codes: (N, ...) int8 or int16.
        stored: the file's input.
        coded: the same as codes.

    Raises:
        ArtifactError: the codes have no scale.
    """
    if (stored.dtype, stored.scale, stored.zero_point) == (coded.dtype, coded.scale, coded.zero_point):
        return codes
    if stored.dtype == "uint8":
        return (codes.astype(np.int16) - INT8_MIN).astype(np.uint8)
    if coded.scale is None or coded.zero_point is None:
        raise ArtifactError(f"input {coded.name!r} has no scale and zero point; codes are expected")
    generator = np.random.default_rng(0)
    beside = generator.uniform(-_BESIDE, _BESIDE, codes.shape)
    beside.reshape(-1)[::7] = 0.5
    reals = dequantize(codes, coded.scale, coded.zero_point) + beside * coded.scale
    if stored.scale is None or stored.zero_point is None:
        return reals.astype(np.float32)
    info = np.iinfo(stored.dtype)
    integers: npt.NDArray[Any] = np.clip(np.rint(reals / stored.scale) + stored.zero_point, info.min, info.max)
    return integers.astype(stored.dtype)


def _frame(kind: str, shape: tuple[int, ...], generator: np.random.Generator) -> npt.NDArray[np.int8]:
    if kind == "random":
        return generator.integers(INT8_MIN, INT8_MAX + 1, shape, dtype=np.int8)
    if kind == "smooth":
        return _walk(shape, generator)
    frame = np.full(shape, INT8_MAX if kind == "all_max" else INT8_MIN, np.int8)
    if kind == "single_pixel":
        # A vector has no channels: its last axis is its only one.
        axes = shape[:-1] if len(shape) > 1 else shape
        position = tuple(int(generator.integers(size)) for size in axes)
        frame[position] = INT8_MAX
    return frame


def _widened(codes: npt.NDArray[np.int8], generator: np.random.Generator) -> npt.NDArray[np.int16]:
    """Returns int16 codes whose upper bytes are these; the smallest and the largest become the smallest and largest."""
    lower = generator.integers(0, 256, codes.shape)
    lower[codes == INT8_MIN] = 0
    lower[codes == INT8_MAX] = 255
    return (codes.astype(np.int16) * 256 + lower).astype(np.int16)


def _walk(shape: tuple[int, ...], generator: np.random.Generator) -> npt.NDArray[np.int8]:
    """Returns a random walk along the second axis, or the only one, from a start that all its rows share."""
    along = min(1, len(shape) - 1)
    differences = generator.normal(0.0, _SMOOTH_DEVIATION, shape)
    values = np.cumsum(differences, axis=along) + generator.uniform(-_SMOOTH_START, _SMOOTH_START)
    codes: npt.NDArray[np.int8] = np.clip(np.rint(values), INT8_MIN, INT8_MAX).astype(np.int8)
    return codes
