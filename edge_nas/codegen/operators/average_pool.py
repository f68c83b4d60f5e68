"""AVERAGE_POOL_2D: any window, stride, padding and fused activation."""

from edge_nas.codegen.lowering import Lowering
from edge_nas.codegen.operators.window_fields import lower_pool
from edge_nas.int8.operators.average_pool import AveragePool


def lower(lowering: Lowering, operator: AveragePool) -> None:
    """Adds the steps of the operator."""
    lower_pool(lowering, operator, "average_pool")
