"""RESHAPE: no step but where input and output are both reached from outside."""

from edge_nas.codegen.builder import ProgramBuilder
from edge_nas.codegen.lowering import OperatorLowering, lowers
from edge_nas.codegen.operators.data_movement import lower_data_movement, whole_block
from edge_nas.int8.operators.reshape import Reshape


@lowers(Reshape)
class ReshapeLowering(OperatorLowering[Reshape]):
    """The same bytes under another shape; takes no time and no memory."""

    def lower(self, builder: ProgramBuilder) -> None:
        """Makes the output the bytes of the input; copies where both are to be seen from outside."""
        operator, outputs = self.operator, builder.graph.outputs
        input_is_end = operator.input in outputs or builder.lies_in_input(operator.input)
        if operator.output in outputs and input_is_end:
            everything = whole_block(operator.output_shape)
            lower_data_movement(builder, operator, everything, everything)
        else:
            builder.share(operator.output, operator.input)
