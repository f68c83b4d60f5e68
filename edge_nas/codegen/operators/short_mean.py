"""MEAN on int16 codes, with the loops of MEAN."""

from edge_nas.codegen.builder import ProgramBuilder
from edge_nas.codegen.lowering import OperatorLowering, lowers
from edge_nas.codegen.operators.mean import reduction_fields
from edge_nas.codegen.program import Fields
from edge_nas.int8.operators.short_mean import ShortMean


@lowers(ShortMean)
class ShortMeanLowering(OperatorLowering[ShortMean]):
    """Over any dimensions but the batch."""

    def lower(self, builder: ProgramBuilder) -> None:
        """Adds the step of the operator."""
        operator = self.operator
        fields: Fields = {
            **reduction_fields(operator.input_shape, operator.axes),
            "multiplier": operator.multiplier.value,
            "shift": operator.multiplier.shift,
        }
        builder.flat_step(operator, "short_mean", fields)
