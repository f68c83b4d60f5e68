"""MUL, element by element."""

from edge_nas.codegen.builder import ProgramBuilder
from edge_nas.codegen.kernels.channel_lines import MultiplicationLines
from edge_nas.codegen.lowering import OperatorLowering, lowers
from edge_nas.codegen.operators.pairing import lower_pair
from edge_nas.codegen.program import Fields
from edge_nas.int8.operators.multiplication import Multiplication


@lowers(Multiplication)
class MultiplicationLowering(OperatorLowering[Multiplication]):
    """Same shapes, or one spread over the other; any fused activation."""

    fast_kernels = (MultiplicationLines,)

    def lower(self, builder: ProgramBuilder) -> None:
        """Adds the step of the operator, in place where an input has its last reader."""
        operator = self.operator
        fields: Fields = {
            "multiplier": operator.multiplier.value,
            "shift": operator.multiplier.shift,
            "zero_point_a": operator.input_zero_points[0],
            "zero_point_b": operator.input_zero_points[1],
            "zero_point": operator.output_zero_point,
            "low": operator.activation_min,
            "high": operator.activation_max,
        }
        lower_pair(builder, operator, "multiplication", fields)
