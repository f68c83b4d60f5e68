"""PRELU: slopes of any shape that spreads over the input."""

from edge_nas.codegen.lowering import Lowering
from edge_nas.codegen.operators.pairing import lower_pair
from edge_nas.codegen.program import Field
from edge_nas.int8.operators.prelu import Prelu


def lower(lowering: Lowering, operator: Prelu) -> None:
    """Adds the steps of the operator."""
    fields: list[Field] = [
        operator.positive.value,
        operator.negative.value,
        operator.positive.shift,
        operator.negative.shift,
        operator.input_zero_point,
        operator.slope_zero_point,
        operator.output_zero_point,
    ]
    lower_pair(lowering, operator, "prelu", fields)
