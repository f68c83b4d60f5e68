"""The descriptor of operators on two tensors, element by element, one perhaps spread over the other."""

import math

from edge_nas.codegen.lowering import Lowering
from edge_nas.codegen.program import Field, Kernel, Pointer, Reading, RowWindow
from edge_nas.int8.operands import ParsedOperator, Shape

MOST_DIMENSIONS = 4


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
