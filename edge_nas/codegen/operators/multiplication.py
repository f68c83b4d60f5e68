"""MUL: same shapes, or one spread over the other; any fused activation.

Fast for constants of one number or one for each channel.
"""

from edge_nas.codegen.lowering import Lowering
from edge_nas.codegen.operators.pairing import Floats, lower_pair, lower_with_constant
from edge_nas.codegen.program import Field
from edge_nas.int8.operators.multiplication import Multiplication


def lower(lowering: Lowering, operator: Multiplication) -> None:
    """Adds the steps of the operator."""

    def slope(computed: int, others: Floats) -> Floats:
        zero_point = operator.input_zero_points[1 - computed]
        slopes: Floats = operator.multiplier.factor * (others - zero_point)
        return slopes

    if lower_with_constant(lowering, operator, slope):
        return
    fields: list[Field] = [
        operator.multiplier.value,
        operator.multiplier.shift,
        *operator.input_zero_points,
        operator.output_zero_point,
        operator.activation_min,
        operator.activation_max,
    ]
    lower_pair(lowering, operator, "multiplication", fields)
