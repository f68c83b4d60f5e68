"""PAD: any border of zeros but around the batch."""

from edge_nas.codegen.lowering import Lowering
from edge_nas.codegen.operators.placement import Block, lower_placement, whole
from edge_nas.int8.operators.pad import Pad


def lower(lowering: Lowering, operator: Pad) -> None:
    """Adds the steps of the operator."""
    shape = operator.input_shape
    target = Block(operator.output_shape, shape, operator.before, (1,) * len(shape))
    lower_placement(lowering, operator, whole(shape), target, fill=operator.fill)
