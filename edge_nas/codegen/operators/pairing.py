"""The descriptor of operators on two tensors, element by element, one perhaps spread over the other."""

import math
from collections.abc import Sequence

from edge_nas.codegen.builder import ProgramBuilder, readings
from edge_nas.codegen.program import Fields, Kernel, Pointer
from edge_nas.int8.operands import ParsedOperator, Shape
from edge_nas.int8.operators.addition import Addition
from edge_nas.int8.operators.squared_difference import SquaredDifference

# The C structs have room for four, as many as operands may have.
MOST_DIMENSIONS = 4


def rescaling_fields(operator: Addition | SquaredDifference) -> Fields:
    """Returns how both inputs come to a common scale, and their result to that of the output."""
    a, b = operator.input_multipliers
    return {
        "multiplier_a": a.value,
        "multiplier_b": b.value,
        "multiplier": operator.output_multiplier.value,
        "zero_point_a": operator.input_zero_points[0],
        "zero_point_b": operator.input_zero_points[1],
        "zero_point": operator.output_zero_point,
        "shift_a": a.shift,
        "shift_b": b.shift,
        "shift": operator.output_multiplier.shift,
    }


def lower_pair(builder: ProgramBuilder, operator: ParsedOperator, source: str, fields: Fields) -> None:
    """Adds the step of an operator on two tensors; `fields` are those beside the C struct EdgePair."""
    output = builder.output_in_place(operator)
    a, b = (builder.operand(tensor) for tensor in operator.inputs)
    strides = [spread_strides(shape, operator.output_shape) for shape in operator.input_shapes]
    shape, (strides_a, strides_b) = joined_dimensions(padded(operator.output_shape, 1), strides)
    pair: Fields = {
        "a": a,
        "b": b,
        "output": Pointer(output),
        "shape": shape,
        "strides_a": strides_a,
        "strides_b": strides_b,
    }
    builder.step([operator], Kernel(source), {"pair": pair, **fields}, readings([a, b]), output, runs=1, whole=True)


def joined_dimensions(
    shape: tuple[int, ...], strides: Sequence[tuple[int, ...]]
) -> tuple[tuple[int, ...], list[tuple[int, ...]]]:
    """Returns a shape and the strides of tensors along it with as long last dimensions as there can be, as many in all.

    Two dimensions are one where no tensor's stride changes between them: rows of an image and its columns, if what is
    met there is a number for each channel.
    """
    axes = [axis for axis, size in enumerate(shape) if size != 1] or [0]
    sizes, columns = [shape[axes[-1]]], [[each[axes[-1]]] for each in strides]
    for axis in reversed(axes[:-1]):
        if all(each[axis] == column[0] * sizes[0] for each, column in zip(strides, columns, strict=True)):
            sizes[0] *= shape[axis]
        else:
            sizes.insert(0, shape[axis])
            columns = [[each[axis], *column] for each, column in zip(strides, columns, strict=True)]
    missing = len(shape) - len(sizes)
    return (*[1] * missing, *sizes), [(*[0] * missing, *column) for column in columns]


def element_strides(shape: Shape) -> tuple[int, ...]:
    """Returns, for four dimensions aligned at the end, how many elements apart neighbours lie."""
    sizes = padded(shape, 1)
    return tuple(math.prod(sizes[axis + 1 :]) for axis in range(MOST_DIMENSIONS))


def spread_strides(shape: Shape, over: Shape) -> tuple[int, ...]:
    """Returns the element strides of a tensor spread over a larger shape: 0 along the dimensions it repeats."""
    strides = list(element_strides(shape))
    for axis, (size, repeated) in enumerate(zip(padded(shape, 1), padded(over, 1), strict=True)):
        if size == 1 and repeated != 1:
            strides[axis] = 0
    return tuple(strides)


def padded(values: tuple[int, ...], fill: int) -> tuple[int, ...]:
    """Returns four values: `fill` in front of those given."""
    return (*(fill,) * (MOST_DIMENSIONS - len(values)), *values)
