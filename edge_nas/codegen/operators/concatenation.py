"""CONCATENATION: each input is copied to its place."""

from edge_nas.codegen.builder import ProgramBuilder
from edge_nas.codegen.lowering import OperatorLowering, lowers
from edge_nas.codegen.operators.data_movement import block_at, lower_data_movement, whole_block
from edge_nas.int8.operators.concatenation import Concatenation


@lowers(Concatenation)
class ConcatenationLowering(OperatorLowering[Concatenation]):
    """Any axis but the batch; all inputs of one scale."""

    def lower(self, builder: ProgramBuilder) -> None:
        """Adds one step for each input."""
        operator = self.operator
        for tensor in operator.inputs:
            builder.operand(tensor)  # conversions come before the output is begun
        output = builder.create(operator.output, "flat")
        start = 0
        for tensor, shape in zip(operator.inputs, operator.input_shapes, strict=True):
            starts = tuple(start if axis == operator.axis else 0 for axis in range(len(shape)))
            target = block_at(operator.output_shape, shape, starts)
            lower_data_movement(builder, operator, whole_block(shape), target, tensor=tensor, output=output)
            start += shape[operator.axis]
