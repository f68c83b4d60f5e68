"""GATHER, TILE and MIRROR_PAD: each place of the output along a dimension takes one of the input's."""

import math
from abc import ABC
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np

from edge_nas.int8.kinds import SchemaOptions, register
from edge_nas.int8.operands import Codes, Operands, ParsedOperator

_REFLECT, _SYMMETRIC = 0, 1


@dataclass(frozen=True, eq=False, kw_only=True)
class Selection(ParsedOperator, ABC):
    """output[i, j, ...] = input[places[0][i], places[1][j], ...], under the output's shape.

    Attributes:
        places: for each dimension without the batch, which element of the input each element of the output is.
    """

    places: tuple[tuple[int, ...], ...]

    @classmethod
    def of(cls, operands: Operands, places: Sequence[Sequence[int]], shape: tuple[int, ...] | None = None) -> Self:
        """Returns the selection of an operator's first input; `shape`: of the output, where it is cut anew."""
        source = operands.moved(0)
        output = operands.moved_output(source, shape or tuple(map(len, places)))
        if min(map(len, places), default=1) < 1:
            raise operands.refusal("its output has no elements")
        return cls(**operands.wiring((source,), output), places=tuple(tuple(map(int, each)) for each in places))

    def run(self, codes: Codes) -> Codes:
        """Returns the output codes (N, ...) for input codes (N, ...)."""
        output: Codes = codes[np.ix_(range(len(codes)), *self.places)]
        return output.reshape(len(codes), *self.output_shape)


@register("GATHER", options=SchemaOptions("GatherOptions", ("Axis", "BatchDims")))
@dataclass(frozen=True, eq=False, kw_only=True)
class Gather(Selection):
    """Elements along one dimension, by constant numbers."""

    @classmethod
    def parse(cls, operands: Operands) -> Self:
        """Returns the selection that an operator describes.

        Raises:
            ArtifactError: the batch is selected from, numbers are computed, or anything else that is not supported.
        """
        operands.expect_inputs(2, 2)
        operands.expect_option("BatchDims", 0)
        shape, tensor = operands.moved(0).shape, operands.tensor(1)
        numbers = operands.constant(1, ("int32", "int64"), len(tensor.shape))
        option = operands.option("Axis")
        axis = option + len(shape) + 1 if option < 0 else option
        if not 1 <= axis <= len(shape):
            raise operands.refusal(f"the option Axis is {option}; supported: 1 to {len(shape)} (not the batch)")
        if not numbers.size or numbers.min() < 0 or numbers.max() >= shape[axis - 1]:
            raise operands.refusal(f"numbers from 0 to {shape[axis - 1] - 1} are expected", tensor)
        places = [list(range(size)) for size in shape]
        places[axis - 1] = numbers.reshape(-1).tolist()
        return cls.of(operands, places, (*shape[: axis - 1], *numbers.shape, *shape[axis:]))


@register("TILE", options=SchemaOptions("TileOptions"), version=1, in_micro=False)
@dataclass(frozen=True, eq=False, kw_only=True)
class Tile(Selection):
    """The whole tensor several times along its dimensions."""

    @classmethod
    def parse(cls, operands: Operands) -> Self:
        """Returns the repetition that an operator describes.

        Raises:
            ArtifactError: the batch is repeated, or anything else that is not supported.
        """
        operands.expect_inputs(2, 2)
        shape = operands.moved(0).shape
        times = operands.constant(1, ("int32", "int64"), 1).tolist()
        if len(times) != len(shape) + 1 or times[0] != 1 or min(times) < 1:
            raise operands.refusal(
                f"the multiples {times} are not supported; {len(shape) + 1} of at least 1 are expected, 1 for the batch"
            )
        # Before anything is laid out: a file may ask for any number.
        source = operands.moved(0)
        operands.moved_output(source, tuple(size * count for size, count in zip(shape, times[1:], strict=True)))
        return cls.of(operands, [list(range(size)) * count for size, count in zip(shape, times[1:], strict=True)])


@register("MIRROR_PAD", options=SchemaOptions("MirrorPadOptions", ("Mode",)))
@dataclass(frozen=True, eq=False, kw_only=True)
class MirrorPad(Selection):
    """A border that repeats what lies inside of it, in the opposite order."""

    @classmethod
    def parse(cls, operands: Operands) -> Self:
        """Returns the padding that an operator describes.

        Raises:
            ArtifactError: the batch is padded, a border is larger than what it repeats, or anything else that is not
                supported.
        """
        operands.expect_inputs(2, 2)
        shape, mode = operands.moved(0).shape, operands.option("Mode")
        borders = operands.constant(1, ("int32", "int64"), 2)
        if mode not in (_REFLECT, _SYMMETRIC):
            raise operands.refusal(f"the option Mode is {mode}; supported: REFLECT (0), SYMMETRIC (1)")
        without_edge = int(mode == _REFLECT)
        if borders.shape != (len(shape) + 1, 2) or borders[0].any() or borders.min() < 0:
            raise operands.refusal(f"{len(shape) + 1} pairs of borders are expected, the first (0, 0)")
        if any(max(pair) > size - without_edge for pair, size in zip(borders[1:].tolist(), shape, strict=True)):
            raise operands.refusal(f"borders {borders[1:].tolist()} are larger than what {shape} has to repeat")
        places = []
        for (before, after), size in zip(borders[1:].tolist(), shape, strict=True):
            front = range(before - 1 + without_edge, without_edge - 1, -1)
            last = size - 1 - without_edge
            places.append([*front, *range(size), *range(last, last - after, -1)])
        return cls.of(operands, places)


def inner_elements(operator: Selection) -> tuple[int, int]:
    """Returns how many dimensions keep their elements at the end, and how many elements these are together."""
    kept = 0
    for size, places in zip(reversed(operator.input_shape), reversed(operator.places), strict=True):
        if places != tuple(range(size)):
            break
        kept += 1
    return kept, math.prod(operator.input_shape[len(operator.input_shape) - kept :])
