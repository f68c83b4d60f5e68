"""ADD and SUB: same shapes, or one spread over the other; any fused activation.

Fast for tensors of one shape, and for constants of one number or one for each channel.
"""

import math
from collections.abc import Iterable
from dataclasses import replace
from functools import lru_cache

import numpy as np

from edge_nas.codegen.linear import CODES, LinearForm, linear_form, wrapped
from edge_nas.codegen.lowering import Demand, Lowering
from edge_nas.codegen.operators.pairing import Floats, lower_pair, lower_with_constant
from edge_nas.codegen.program import WHOLE, Field, Kernel, Pointer, Reading, Rows
from edge_nas.int8.arithmetic import INT8_MIN
from edge_nas.int8.operators.addition import LEFT_SHIFT, Addition

_KNOWN = 256  # operators whose form is remembered: every step of planning asks again


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
        fast: list[Field] = [*operands, Pointer(output), math.prod(operator.output_shape), _sum(operator, planar=False)]
        lowering.step([operator], Kernel("addition_flat"), fast, reads, output)
        return

    def slope(computed: int, others: Floats) -> Floats:
        return np.full(len(others), _slopes(operator)[computed])

    if lower_with_constant(lowering, operator, slope):
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
    fields: list[Field] = [*(Rows(source) for source in sources), Rows(write), _sum(operator, planar=True)]
    reads = [Reading(source) for source in sources]
    runs = operator.output_shape[0]
    lowering.step([operator], Kernel("addition_planar"), fields, reads, write, runs=runs, whole=False)


def _sum(operator: Addition, *, planar: bool) -> str:
    """Returns an EdgeSum; in planes bytes are code + 128, before the sum and behind it."""
    form = form_of(operator)
    if form is None:
        raise ValueError("no linear form gives the operator's codes")
    zero = INT8_MIN if planar else 0
    constant = form.constant + zero * (form.first + form.second) - (zero << form.shift)
    low, high = operator.activation_min - zero, operator.activation_max - zero
    numbers = (form.first, form.second, wrapped(constant), form.shift, low, high)
    return f"{{{', '.join(map(str, numbers))}}}"


@lru_cache(_KNOWN)
def form_of(operator: Addition) -> LinearForm | None:
    """Returns the linear form of two codes that gives the operator's codes; None where there is none."""
    alone = replace(operator, input_shapes=((), ()), output_shape=())
    first, second = (each.reshape(-1).astype(np.int8) for each in np.meshgrid(CODES, CODES, indexing="ij"))
    codes = alone.run(first, second).reshape(len(CODES), len(CODES)).astype(np.int64)
    return linear_form(codes, _slopes(operator), operator.activation_min, operator.activation_max)


def _slopes(operator: Addition) -> tuple[float, float]:
    """Returns by how much the output's codes grow with those of the inputs."""
    common = 2**LEFT_SHIFT * operator.output_multiplier.factor
    first, second = (common * multiplier.factor for multiplier in operator.input_multipliers)
    return first, -second if operator.subtract else second


def _is_image(operator: Addition) -> bool:
    """Whether the planar kernel may be used."""
    return len(operator.output_shape) == 3 and _is_fast(operator)


def _is_fast(operator: Addition) -> bool:
    """Whether the inputs have the output's shape, and a linear form gives the codes."""
    return set(operator.input_shapes) == {operator.output_shape} and form_of(operator) is not None
