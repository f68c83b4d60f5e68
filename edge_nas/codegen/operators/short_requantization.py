"""QUANTIZE from int16 to int16."""

import math

from edge_nas.codegen.builder import ProgramBuilder
from edge_nas.codegen.lowering import OperatorLowering, lowers
from edge_nas.codegen.program import Fields
from edge_nas.int8.operators.short_requantization import ShortRequantization


@lowers(ShortRequantization)
class ShortRequantizationLowering(OperatorLowering[ShortRequantization]):
    """From int16 to int16."""

    def lower(self, builder: ProgramBuilder) -> None:
        """Adds the step of the operator."""
        operator = self.operator
        fields: Fields = {
            "count": math.prod(operator.output_shape),
            "multiplier": operator.multiplier.value,
            "shift": operator.multiplier.shift,
        }
        builder.flat_step(operator, "short_requantization", fields)
