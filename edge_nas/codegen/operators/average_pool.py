"""AVERAGE_POOL_2D: any window, stride, padding and fused activation."""

from edge_nas.codegen.lowering import Lowering
from edge_nas.codegen.operators.window_fields import window_fields
from edge_nas.int8.operators.average_pool import AveragePool


def lower(lowering: Lowering, operator: AveragePool) -> None:
    """Adds the steps of the operator."""
    fields = [
        *operator.input_shape[:2],
        *operator.output_shape,
        *window_fields(operator.window, dilated=False),
        operator.activation_min,
        operator.activation_max,
    ]
    lowering.flat_step(operator, "average_pool", fields, runs=operator.output_shape[0])
