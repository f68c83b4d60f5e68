"""Every operator on one code at a time: a table of 256 codes."""

from edge_nas.codegen.builder import ProgramBuilder
from edge_nas.codegen.lowering import OperatorLowering, lowers
from edge_nas.codegen.tables import table
from edge_nas.int8.operands import Codes, ParsedOperator
from edge_nas.int8.operators.lookup import LookupTable


@lowers(LookupTable)
class LookupLowering(OperatorLowering[LookupTable]):
    """A table of 256 codes."""

    def lower(self, builder: ProgramBuilder) -> None:
        """Adds the step of the operator."""
        lower_lookup(builder, self.operator, self.operator.table)


def lower_lookup(builder: ProgramBuilder, operator: ParsedOperator, codes: Codes) -> None:
    """Adds the step of an operator whose output is codes[code + 128], (256,) int8.

    It works in place where the input has its last reader.
    """
    count = builder.graph.tensors[operator.output].elements
    output = builder.output_in_place(operator)
    builder.flat_step(operator, "lookup", {"table": table(codes), "count": count}, output=output)
