"""ADD and SUB: same shapes, or one spread over the other; any fused activation.

Fast for tensors of one shape.
"""

import math
from collections.abc import Iterable

from edge_nas.codegen.lowering import Demand, Lowering
from edge_nas.codegen.operators.pairing import lower_pair
from edge_nas.codegen.program import WHOLE, Field, Kernel, Pointer, Reading, Rows
from edge_nas.int8.arithmetic import INT8_MIN, Multiplier
from edge_nas.int8.operators.addition import Addition


def demands(operator: Addition, wanted: frozenset[str]) -> Iterable[Demand]:
    """Yields the layout of the inputs, that of the output."""
    if wanted == {"planar"} and _is_image(operator):
        for tensor in operator.inputs:
            yield Demand(operator.index, tensor, "planar")


def lower(lowering: Lowering, operator: Addition) -> None:
    """Adds the steps of the operator."""
    computed = not any(lowering.is_constant(tensor) for tensor in operator.inputs)
    if computed and lowering.wanted(operator.output) == {"planar"} and _is_image(operator):
        _lower_planar(lowering, operator)
    else:
        lower_flat(lowering, operator)


def lower_flat(lowering: Lowering, operator: Addition) -> None:
    """Adds the steps of the operator on flat tensors."""
    if _is_fast(operator):
        output = lowering.output_in_place(operator)
        operands = [lowering.operand(tensor) for tensor in operator.inputs]
        reads = [Reading(field.buffer, WHOLE) for field in operands if isinstance(field, Pointer)]
        fast: list[Field] = [*operands, Pointer(output), math.prod(operator.output_shape), _sum(operator)]
        lowering.step([operator], Kernel("addition_flat"), fast, reads, output)
        return
    multipliers = (*operator.input_multipliers, operator.output_multiplier)
    fields: list[Field] = [
        *(multiplier.value for multiplier in multipliers),
        *operator.input_zero_points,
        operator.output_zero_point,
        *(multiplier.shift for multiplier in multipliers),
        -1 if operator.subtract else 1,
        operator.activation_min,
        operator.activation_max,
    ]
    lower_pair(lowering, operator, "addition", fields)


def _lower_planar(lowering: Lowering, operator: Addition) -> None:
    sources = [lowering.read(tensor, "planar") for tensor in operator.inputs]
    write = lowering.create(operator.output, "planar")
    fields: list[Field] = [*(Rows(source) for source in sources), Rows(write), _sum(operator)]
    reads = [Reading(source) for source in sources]
    runs = operator.output_shape[0]
    lowering.step([operator], Kernel("addition_planar"), fields, reads, write, runs=runs, whole=False)


def _sum(operator: Addition) -> str:
    """Returns an EdgeSum: the factors of the inputs and of the sum, the smallest and largest code + 128, the sign."""
    zero_points = (*operator.input_zero_points, operator.output_zero_point)
    multipliers = (*operator.input_multipliers, operator.output_multiplier)
    factors = (_factor(*each) for each in zip(multipliers, zero_points, strict=True))
    codes = (operator.activation_min - INT8_MIN, operator.activation_max - INT8_MIN)
    return f"{{{', '.join(factors)}, {codes[0]}, {codes[1]}, {-1 if operator.subtract else 1}}}"


def _factor(multiplier: Multiplier, zero_point: int) -> str:
    """Returns an EdgeSumFactor: multiplier, half a step, sign, shift, zero as code + 128."""
    shift = -multiplier.shift
    half, sign = (1 << (shift - 1), -1) if shift else (0, 0)
    return f"{{{multiplier.value}, {half}, {sign}, {shift}, {zero_point - INT8_MIN}}}"


def _is_image(operator: Addition) -> bool:
    """Whether the planar kernel may be used."""
    return len(operator.output_shape) == 3 and _is_fast(operator)


def _is_fast(operator: Addition) -> bool:
    """Whether the inputs have the output's shape, and every factor is below 1."""
    multipliers = (*operator.input_multipliers, operator.output_multiplier)
    same = set(operator.input_shapes) == {operator.output_shape}
    return same and all(-31 < multiplier.shift <= 0 for multiplier in multipliers)
