"""RESHAPE: the same bytes under another shape; takes no time and no memory."""

from edge_nas.codegen.lowering import Lowering
from edge_nas.codegen.operators.placement import lower_placement, whole
from edge_nas.int8.operators.reshape import Reshape


def lower(lowering: Lowering, operator: Reshape) -> None:
    """Makes the output the bytes of the input; copies where both are to be seen from outside."""
    ends = operator.input in lowering.graph.outputs or lowering.lies_in_input(operator.input)
    if operator.output in lowering.graph.outputs and ends:
        shape = operator.output_shape
        lower_placement(lowering, operator, whole(shape), whole(shape))
    else:
        lowering.share(operator.output, operator.input)
