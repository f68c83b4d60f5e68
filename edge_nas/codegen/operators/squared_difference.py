"""SQUARED_DIFFERENCE, element by element, as the reference computes it."""

from edge_nas.codegen.builder import ProgramBuilder
from edge_nas.codegen.lowering import OperatorLowering, lowers
from edge_nas.codegen.operators.pairing import lower_pair, rescaling_fields
from edge_nas.int8.operators.squared_difference import SquaredDifference


@lowers(SquaredDifference)
class SquaredDifferenceLowering(OperatorLowering[SquaredDifference]):
    """Same shapes, or one spread over the other."""

    def lower(self, builder: ProgramBuilder) -> None:
        """Adds the step of the operator, in place where an input has its last reader."""
        lower_pair(builder, self.operator, "squared_difference", rescaling_fields(self.operator))
