"""PAD: the output is filled, then the input is copied into its middle."""

from edge_nas.codegen.builder import ProgramBuilder
from edge_nas.codegen.lowering import OperatorLowering, lowers
from edge_nas.codegen.operators.data_movement import block_at, lower_data_movement, whole_block
from edge_nas.int8.operators.pad import Pad


@lowers(Pad)
class PadLowering(OperatorLowering[Pad]):
    """Any border of zeros but around the batch; convolutions alone that read one see it as their own padding."""

    def lower(self, builder: ProgramBuilder) -> None:
        """Adds the step of the operator."""
        operator = self.operator
        target = block_at(operator.output_shape, operator.input_shape, operator.before)
        lower_data_movement(builder, operator, whole_block(operator.input_shape), target, fill=operator.fill)
