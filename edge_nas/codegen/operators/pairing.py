"""The descriptor of operators on two tensors, element by element, one perhaps spread over the other."""

import math
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import numpy.typing as npt

from edge_nas.codegen.linear import CODES, line_forms
from edge_nas.codegen.lowering import Lowering
from edge_nas.codegen.program import Field, Kernel, Pointer, Reading, RowWindow
from edge_nas.int8.operands import ParsedOperator, Shape
from edge_nas.int8.operators.addition import Addition
from edge_nas.int8.operators.multiplication import Multiplication

MOST_DIMENSIONS = 4
Floats = npt.NDArray[np.float64]
# A constant of more is a tensor rather than one number for each channel: lines take eight bytes each.
_MOST_LINES = 1024


def lower_pair(lowering: Lowering, operator: ParsedOperator, unit: str, fields: list[Field]) -> None:
    """Adds the step of an operator on two tensors; `fields` come after the C struct EdgePair."""
    output = lowering.output_in_place(operator)
    operands = [lowering.operand(tensor) for tensor in operator.inputs]
    steps = [spread_steps(shape, operator.output_shape) for shape in operator.input_shapes]
    own = element_steps(operator.output_shape)
    pair: list[Field] = [
        *operands,
        Pointer(output),
        math.prod(operator.output_shape),
        _braces(padded(operator.output_shape, 1)),
        *(_braces(each) for each in steps),
        *(
            int(shape != operator.output_shape and each != own)
            for shape, each in zip(operator.input_shapes, steps, strict=True)
        ),
    ]
    reads = [Reading(field.buffer, RowWindow(whole=True)) for field in operands if isinstance(field, Pointer)]
    lowering.step([operator], Kernel(unit), [*pair, *fields], reads, output)


def lower_with_constant(
    lowering: Lowering, operator: Addition | Multiplication, slope: Callable[[int, Floats], Floats]
) -> bool:
    """Adds the step of an operator on a tensor and a constant for each channel, where lines give its codes.

    Args:
        lowering: the program.
        operator: what to compute.
        slope: by how much codes grow with those of input number ..., given the codes of the other, (channels,).

    Returns:
        Whether it was added.
    """
    constants = [number for number, tensor in enumerate(operator.inputs) if lowering.is_constant(tensor)]
    if len(constants) != 1:
        return False
    computed = 1 - constants[0]
    data = lowering.graph.tensors[operator.inputs[constants[0]]].data
    shape = operator.output_shape or (1,)
    same = math.prod(operator.input_shapes[computed]) == math.prod(shape)
    if data is None or data.size not in (1, shape[-1]) or shape[-1] > _MOST_LINES or not same:
        return False
    others = np.broadcast_to(data.reshape(-1), shape[-1:]).astype(np.int8)
    codes = np.tile(CODES, len(others)).astype(np.int8), np.repeat(others, len(CODES))
    alone = replace(operator, input_shapes=((), ()), output_shape=())
    wanted = alone.run(*(codes if computed == 0 else codes[::-1])).reshape(-1, len(CODES)).astype(np.int64)
    low, high = operator.activation_min, operator.activation_max
    lines = line_forms(wanted, slope(computed, others.astype(np.float64)), low, high)
    if lines is None:
        return False
    output = lowering.output_in_place(operator)
    fields: list[Field] = [
        lowering.struct_table(
            "EdgeLine", [f"{{{line.first}, {line.constant}}}" for line in lines], len(lines), 8 * len(lines)
        ),
        math.prod(shape[:-1]),
        shape[-1],
        lines[0].shift,
        low,
        high,
    ]
    inputs = [operator.inputs[computed]]
    lowering.flat_step(operator, "channel_lines", fields, output=output, inputs=inputs)
    return True


def element_steps(shape: Shape) -> tuple[int, ...]:
    """Returns, for up to four dimensions aligned at the end, how far apart neighbours lie."""
    sizes = padded(shape, 1)
    return tuple(math.prod(sizes[i + 1 :]) for i in range(MOST_DIMENSIONS))


def spread_steps(shape: Shape, over: Shape) -> tuple[int, ...]:
    """Returns the element steps of a tensor spread over a larger shape: 0 along the dimensions it repeats."""
    steps = element_steps(shape)
    return tuple(
        0 if size == 1 and wanted != 1 else step
        for step, size, wanted in zip(steps, padded(shape, 1), padded(over, 1), strict=True)
    )


def padded(values: tuple[int, ...], fill: int) -> tuple[int, ...]:
    """Returns four values: `fill` in front of those given."""
    return (*(fill,) * (MOST_DIMENSIONS - len(values)), *values)


def _braces(values: tuple[int, ...]) -> str:
    return f"{{{', '.join(map(str, values))}}}"
