"""Copies of a block of one tensor to a place of another: the step behind concatenation, padding and slices."""

import math
from dataclasses import dataclass

import numpy as np

from edge_nas.codegen.builder import ProgramBuilder
from edge_nas.codegen.operators.pairing import element_strides, padded
from edge_nas.codegen.program import Fields
from edge_nas.int8.operands import ParsedOperator, Shape


@dataclass(frozen=True)
class Block:
    """Some elements of a tensor.

    Attributes:
        shape: of the tensor.
        counts: elements of the block per dimension.
        starts: where it starts, per dimension.
        strides: from one of its elements to the next along each dimension, in elements of that dimension.
    """

    shape: Shape
    counts: Shape
    starts: Shape
    strides: Shape

    @property
    def offset(self) -> int:
        """Element number of its first element."""
        places = zip(padded(self.starts, 0), element_strides(self.shape), strict=True)
        return sum(start * stride for start, stride in places)

    @property
    def element_strides(self) -> tuple[int, ...]:
        """Elements from one of its elements to the next, along four dimensions."""
        strides = zip(padded(self.strides, 1), element_strides(self.shape), strict=True)
        return tuple(own * stride for own, stride in strides)

    def in_bytes(self, size: int) -> "Block":
        """Returns the same block of elements of `size` bytes as one of bytes."""
        if size == 1:
            return self
        return Block((*self.shape, size), (*self.counts, size), (*self.starts, 0), (*self.strides, 1))


def whole_block(shape: Shape) -> Block:
    """Returns the block of all elements."""
    return block_at(shape, shape, (0,) * len(shape))


def block_at(shape: Shape, counts: Shape, starts: Shape) -> Block:
    """Returns a block without gaps."""
    return Block(shape, counts, starts, (1,) * len(shape))


def lower_data_movement(
    builder: ProgramBuilder,
    operator: ParsedOperator,
    source: Block,
    target: Block,
    *,
    tensor: int | None = None,
    output: int | None = None,
    fill: int | None = None,
) -> None:
    """Adds the step that copies a block.

    Args:
        builder: the program.
        operator: what it computes, or a part of that.
        source: the block of the tensor that is read.
        target: the block of the output, of the same counts.
        tensor: what is read; default: the operator's first input.
        output: the buffer that is written; default: a new one.
        fill: the code that the whole output is set to before.
    """
    size = np.dtype(operator.dtype).itemsize
    source, target = source.in_bytes(size), target.in_bytes(size)
    fields: Fields = {
        "counts": padded(source.counts, 1),
        "input_offset": source.offset,
        "input_strides": source.element_strides,
        "output_offset": target.offset,
        "output_strides": target.element_strides,
        "filled": math.prod(target.shape) if fill is not None else 0,
        "fill": fill or 0,
    }
    builder.flat_step(operator, "data_movement", fields, tensor=tensor, output=output)


def lower_strided_copy(
    builder: ProgramBuilder, operator: ParsedOperator, counts: Shape, input_strides: tuple[int, ...]
) -> None:
    """Adds the step that writes a whole output of `counts` elements, read from so many elements apart."""
    size = np.dtype(operator.dtype).itemsize
    if size > 1:
        counts, input_strides = (*counts, size), (*(stride * size for stride in input_strides), 1)
    fields: Fields = {
        "counts": padded(counts, 1),
        "input_offset": 0,
        "input_strides": padded(input_strides, 0),
        "output_offset": 0,
        "output_strides": element_strides(counts),
        "filled": 0,
        "fill": 0,
    }
    builder.flat_step(operator, "data_movement", fields)
