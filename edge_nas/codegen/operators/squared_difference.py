"""SQUARED_DIFFERENCE, element by element, as the reference computes it."""

from edge_nas.codegen.builder import ProgramBuilder
from edge_nas.codegen.lowering import OperatorLowering, lowers
from edge_nas.codegen.operators.pairing import lower_pair
from edge_nas.codegen.program import Fields
from edge_nas.int8.operators.squared_difference import SquaredDifference


@lowers(SquaredDifference)
class SquaredDifferenceLowering(OperatorLowering[SquaredDifference]):
    """Same shapes, or one spread over the other."""

    def lower(self, builder: ProgramBuilder) -> None:
        """Adds the step of the operator, in place where an input has its last reader."""
        operator = self.operator
        a, b = operator.input_multipliers
        fields: Fields = {
            "multiplier_a": a.value,
            "multiplier_b": b.value,
            "multiplier": operator.output_multiplier.value,
            "zero_point_a": operator.input_zero_points[0],
            "zero_point_b": operator.input_zero_points[1],
            "zero_point": operator.output_zero_point,
            "shift_a": a.shift,
            "shift_b": b.shift,
            "shift": operator.output_multiplier.shift,
        }
        lower_pair(builder, operator, "squared_difference", fields)
