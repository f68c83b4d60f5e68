"""SOFTMAX: over the last dimension; output scale 1/256."""

import math

from edge_nas.codegen.lowering import Lowering
from edge_nas.int8.operators.softmax import Softmax


def lower(lowering: Lowering, operator: Softmax) -> None:
    """Adds the steps of the operator."""
    classes = operator.input_shape[-1] if operator.input_shape else 1
    rows = math.prod(operator.input_shape) // classes
    lowering.flat_step(operator, "softmax", [lowering.table(operator.exponentials), classes], runs=rows)
