"""PRELU, element by element, with the slopes as the second operand."""

from edge_nas.codegen.builder import ProgramBuilder
from edge_nas.codegen.lowering import OperatorLowering, lowers
from edge_nas.codegen.operators.pairing import lower_pair
from edge_nas.codegen.program import Fields
from edge_nas.int8.operators.prelu import Prelu


@lowers(Prelu)
class PreluLowering(OperatorLowering[Prelu]):
    """Slopes of any shape that spreads over the input."""

    def lower(self, builder: ProgramBuilder) -> None:
        """Adds the step of the operator, in place where its input has no other reader behind it."""
        operator = self.operator
        fields: Fields = {
            "positive": operator.positive.value,
            "negative": operator.negative.value,
            "positive_shift": operator.positive.shift,
            "negative_shift": operator.negative.shift,
            "zero_point_a": operator.input_zero_point,
            "zero_point_b": operator.slope_zero_point,
            "zero_point": operator.output_zero_point,
        }
        lower_pair(builder, operator, "prelu", fields)
