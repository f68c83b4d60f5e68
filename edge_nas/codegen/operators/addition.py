"""ADD and SUB, element by element, as the reference computes them."""

from edge_nas.codegen.builder import ProgramBuilder
from edge_nas.codegen.kernels.addition_sum import AdditionFlat, AdditionPlanar
from edge_nas.codegen.kernels.channel_lines import AdditionLines
from edge_nas.codegen.lowering import OperatorLowering, lowers
from edge_nas.codegen.operators.pairing import lower_pair, rescaling_fields
from edge_nas.codegen.program import Fields
from edge_nas.int8.operators.addition import Addition


@lowers(Addition)
class AdditionLowering(OperatorLowering[Addition]):
    """Same shapes, or one spread over the other; any fused activation."""

    fast_kernels = (AdditionPlanar, AdditionFlat, AdditionLines)

    def lower(self, builder: ProgramBuilder) -> None:
        """Adds the step of the operator, in place where an input has its last reader."""
        operator = self.operator
        fields: Fields = {
            **rescaling_fields(operator),
            "sign": -1 if operator.subtract else 1,
            "low": operator.activation_min,
            "high": operator.activation_max,
        }
        lower_pair(builder, operator, "addition", fields)
