"""The descriptor of operators on two tensors, element by element, one perhaps spread over the other."""

import math

from edge_nas.codegen.builder import ProgramBuilder, readings
from edge_nas.codegen.program import Fields, Kernel, Pointer
from edge_nas.int8.operands import ParsedOperator, Shape

# The C structs have room for four, as many as operands may have.
MOST_DIMENSIONS = 4


def lower_pair(builder: ProgramBuilder, operator: ParsedOperator, source: str, fields: Fields) -> None:
    """Adds the step of an operator on two tensors; `fields` are those beside the C struct EdgePair."""
    output = builder.output_in_place(operator)
    a, b = (builder.operand(tensor) for tensor in operator.inputs)
    strides_a, strides_b = (spread_strides(shape, operator.output_shape) for shape in operator.input_shapes)
    pair: Fields = {
        "a": a,
        "b": b,
        "output": Pointer(output),
        "count": math.prod(operator.output_shape),
        "shape": padded(operator.output_shape, 1),
        "strides_a": strides_a,
        "strides_b": strides_b,
        "spread_a": int(is_spread(operator.input_shapes[0], operator.output_shape)),
        "spread_b": int(is_spread(operator.input_shapes[1], operator.output_shape)),
    }
    builder.step([operator], Kernel(source), {"pair": pair, **fields}, readings([a, b]), output, runs=1, whole=True)


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


def is_spread(shape: Shape, over: Shape) -> bool:
    """Whether the elements of a tensor lie otherwise than those of the shape that it is spread over."""
    return shape != over and spread_strides(shape, over) != element_strides(over)


def padded(values: tuple[int, ...], fill: int) -> tuple[int, ...]:
    """Returns four values: `fill` in front of those given."""
    return (*(fill,) * (MOST_DIMENSIONS - len(values)), *values)
