"""MAXIMUM and MINIMUM, element by element."""

from edge_nas.codegen.builder import ProgramBuilder
from edge_nas.codegen.lowering import OperatorLowering, lowers
from edge_nas.codegen.operators.pairing import lower_pair
from edge_nas.int8.operators.extremum import Extremum


@lowers(Extremum)
class ExtremumLowering(OperatorLowering[Extremum]):
    """Same shapes, or one spread over the other; one scale."""

    def lower(self, builder: ProgramBuilder) -> None:
        """Adds the step of the operator, in place where an input has its last reader."""
        lower_pair(builder, self.operator, "extremum", {"largest": int(self.operator.largest)})
