"""LOGISTIC, TANH, HARD_SWISH, RELU, RELU6, LEAKY_RELU and QUANTIZE (int8 to int8): a table of 256 codes."""

from edge_nas.codegen.lowering import Lowering
from edge_nas.int8.operands import Codes, ParsedOperator
from edge_nas.int8.operators.lookup import LookupTable


def lower(lowering: Lowering, operator: LookupTable) -> None:
    """Adds the steps of the operator."""
    lower_table(lowering, operator, operator.table)


def lower_table(lowering: Lowering, operator: ParsedOperator, table: Codes) -> None:
    """Adds the steps of an operator whose output is table[code + 128], (256,) int8; in place where nobody minds."""
    count = lowering.graph.tensors[operator.output].elements
    output = lowering.output_in_place(operator)
    lowering.flat_step(operator, "lookup", [lowering.table(table), count], output=output)
