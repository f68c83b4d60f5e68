"""CONCATENATION: any axis but the batch; all inputs of one scale."""

from edge_nas.codegen.lowering import Lowering
from edge_nas.codegen.operators.placement import Block, lower_placement, whole
from edge_nas.int8.operators.concatenation import Concatenation


def lower(lowering: Lowering, operator: Concatenation) -> None:
    """Adds the steps of the operator."""
    for tensor in operator.inputs:
        lowering.operand(tensor)  # conversions come before the output is begun
    output = lowering.create(operator.output, "flat")
    start = 0
    for tensor, shape in zip(operator.inputs, operator.input_shapes, strict=True):
        starts = tuple(start if axis == operator.axis else 0 for axis in range(len(shape)))
        target = Block(operator.output_shape, shape, starts, (1,) * len(shape))
        lower_placement(lowering, operator, whole(shape), target, tensor=tensor, output=output)
        start += shape[operator.axis]
