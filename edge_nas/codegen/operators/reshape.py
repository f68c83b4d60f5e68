"""RESHAPE: no step but where input and output are both reached from outside."""

from edge_nas.codegen.builder import ProgramBuilder
from edge_nas.codegen.lowering import OperatorLowering, lowers
from edge_nas.codegen.operators.data_movement import lower_data_movement, whole_block
from edge_nas.int8.operands import Shape
from edge_nas.int8.operators.reshape import Reshape

_MOST_COUNT = 2**15 - 1
"""A loop of the kernel counts as far in codes of 16 bits, in bytes twice."""


@lowers(Reshape)
class ReshapeLowering(OperatorLowering[Reshape]):
    """The same bytes under another shape, of any rank; takes no time and no memory."""

    def lower(self, builder: ProgramBuilder) -> None:
        """Makes the output the bytes of the input; copies where both are to be seen from outside."""
        operator, outputs = self.operator, builder.graph.outputs
        input_is_end = operator.input in outputs or builder.lies_in_input(operator.input)
        if operator.output in outputs and input_is_end:
            everything = whole_block(_in_few_dimensions(operator.output_shape))
            lower_data_movement(builder, operator, everything, everything)
        else:
            builder.share(operator.output, operator.input)


def _in_few_dimensions(shape: Shape) -> Shape:
    """Returns as many elements in three dimensions at most, or in few more than a kernel has memory for.

    Two neighbours that stay apart have more elements together than a loop counts to.
    """
    merged: list[int] = []
    for size in reversed(shape):
        if merged and merged[0] * size <= _MOST_COUNT:
            merged[0] *= size
        else:
            merged.insert(0, size)
    return tuple(merged)
