"""MAXIMUM and MINIMUM: same shapes, or one spread over the other; one scale."""

from edge_nas.codegen.lowering import Lowering
from edge_nas.codegen.operators.pairing import lower_pair
from edge_nas.int8.operators.extremum import Extremum


def lower(lowering: Lowering, operator: Extremum) -> None:
    """Adds the steps of the operator."""
    lower_pair(lowering, operator, "extremum", [int(operator.largest)])
