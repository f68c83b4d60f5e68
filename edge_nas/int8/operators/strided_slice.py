"""STRIDED_SLICE: every so many-th element along each dimension."""

from dataclasses import dataclass
from typing import Self

import numpy as np
import numpy.typing as npt

from edge_nas.int8.kinds import SchemaOptions, register
from edge_nas.int8.operands import Codes, Operands, ParsedOperator

Positions = npt.NDArray[np.int32]


@register(
    "STRIDED_SLICE",
    options=SchemaOptions(
        "StridedSliceOptions", ("BeginMask", "EndMask", "EllipsisMask", "NewAxisMask", "ShrinkAxisMask", "Offset")
    ),
)
@dataclass(frozen=True, eq=False, kw_only=True)
class StridedSlice(ParsedOperator):
    """Output element i of a dimension is input element start + i * stride, for i below count.

    Dimensions that the output leaves out have a count of 1.

    Attributes:
        starts: per dimension of the input, without the batch.
        strides: per dimension, not 0; negative ones go backwards.
        counts: per dimension, at least 1.
    """

    starts: tuple[int, ...]
    strides: tuple[int, ...]
    counts: tuple[int, ...]

    @classmethod
    def parse(cls, operands: Operands) -> Self:
        """Returns the slice that an operator describes.

        Raises:
            ArtifactError: the batch is cut, an ellipsis or new axis is asked for, nothing is left, or anything else
                that is not supported.
        """
        operands.expect_inputs(4, 4)
        source = operands.moved(0)
        for option in ("EllipsisMask", "NewAxisMask", "Offset"):
            operands.expect_option(option, 0)
        batch, *ranges = _ranges(operands, (1, *source.shape))
        removed = _Mask(operands, "ShrinkAxisMask")
        if list(batch) != [0] or removed[0]:
            raise operands.refusal("the batch is cut; only the other dimensions can be")
        if not all(ranges):
            raise operands.refusal("nothing is left; at least one element is supported")
        shape = [len(positions) for axis, positions in enumerate(ranges, start=1) if not removed[axis]]
        output = operands.output(shape=tuple(shape), dtypes=(source.dtype,))
        return cls(
            **operands.wiring((source,), output),
            starts=tuple(positions.start for positions in ranges),
            strides=tuple(positions.step for positions in ranges),
            counts=tuple(len(positions) for positions in ranges),
        )

    def run(self, codes: Codes) -> Codes:
        """Returns the output codes (N, ...) for input codes (N, ...)."""
        positions = [np.arange(len(codes))]
        for start, stride, count in zip(self.starts, self.strides, self.counts, strict=True):
            positions.append(start + stride * np.arange(count))
        return codes[np.ix_(*positions)].reshape(len(codes), *self.output_shape)


class _Mask:
    """An option that has a bit for every dimension, the lowest for the batch."""

    def __init__(self, operands: Operands, option: str) -> None:
        self._bits = operands.option(option)

    def __getitem__(self, axis: int) -> bool:
        return bool(self._bits >> axis & 1)


def _ranges(operands: Operands, shape: tuple[int, ...]) -> list[range]:
    """Returns the positions that stay along every dimension of an input (N, ...)."""
    begins, ends, strides = _bounds(operands, rank=len(shape))
    no_begin, no_end = _Mask(operands, "BeginMask"), _Mask(operands, "EndMask")
    removed = _Mask(operands, "ShrinkAxisMask")
    ranges = [range(size) for size in shape]
    for axis, (begin, end, stride) in enumerate(zip(begins.tolist(), ends.tolist(), strides.tolist(), strict=True)):
        if removed[axis]:
            ranges[axis] = _single_position(operands, axis, shape[axis], begin, stride)
        else:
            # Python cuts a slice to its sequence as TFLite does.
            bounds = slice(None if no_begin[axis] else begin, None if no_end[axis] else end, stride)
            ranges[axis] = range(shape[axis])[bounds]
    return ranges


def _bounds(operands: Operands, rank: int) -> tuple[Positions, Positions, Positions]:
    """Returns begin, end and stride of the first dimensions of an input, which may be fewer than all."""
    begins, ends, strides = (operands.constant(slot, "int32", 1) for slot in (1, 2, 3))
    if not begins.shape == ends.shape == strides.shape or len(begins) > rank or not strides.all():
        raise operands.refusal(
            f"begin {begins.tolist()}, end {ends.tolist()} and step {strides.tolist()} are not supported; "
            "expected: one of each per dimension, steps not 0"
        )
    return begins, ends, strides


def _single_position(operands: Operands, axis: int, size: int, begin: int, stride: int) -> range:
    """Returns the one position of a dimension that the output leaves out."""
    position = begin + size if begin < 0 else begin
    if stride != 1 or not 0 <= position < size:
        raise operands.refusal(f"dimension {axis} is cut to position {begin} of {size} by steps of {stride}")
    return range(position, position + 1)
