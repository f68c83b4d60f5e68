"""MUL: same shapes, or one spread over the other; any fused activation."""

from edge_nas.codegen.lowering import Lowering
from edge_nas.codegen.operators.pairing import lower_pair
from edge_nas.codegen.program import Field
from edge_nas.int8.operators.multiplication import Multiplication


def lower(lowering: Lowering, operator: Multiplication) -> None:
    """Adds the steps of the operator."""
    fields: list[Field] = [
        operator.multiplier.value,
        operator.multiplier.shift,
        *operator.input_zero_points,
        operator.output_zero_point,
        operator.activation_min,
        operator.activation_max,
    ]
    lower_pair(lowering, operator, "multiplication", fields)
