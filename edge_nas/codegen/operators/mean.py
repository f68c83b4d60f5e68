"""MEAN: over any dimensions but the batch."""

from edge_nas.codegen.lowering import Lowering
from edge_nas.codegen.operators.pairing import element_steps
from edge_nas.codegen.program import Field
from edge_nas.int8.operators.mean import Mean

_SLOTS = 3


def lower(lowering: Lowering, operator: Mean) -> None:
    """Adds the steps of the operator."""
    shape = operator.input_shape
    steps = element_steps(shape)[-len(shape) :]
    averaged = [axis for axis in range(len(shape)) if axis in operator.axes]
    kept = [axis for axis in range(len(shape)) if axis not in operator.axes]
    fields: list[Field] = [
        *(_three([shape[axis] for axis in axes], 1) for axes in (kept, averaged)),
        *(_three([steps[axis] for axis in axes], 0) for axes in (kept, averaged)),
        operator.count * operator.input_zero_point,
        operator.multiplier.value,
        operator.multiplier.shift,
        operator.output_zero_point,
    ]
    lowering.flat_step(operator, "mean", fields)


def _three(values: list[int], fill: int) -> str:
    return f"{{{', '.join(map(str, [*[fill] * (_SLOTS - len(values)), *values]))}}}"
