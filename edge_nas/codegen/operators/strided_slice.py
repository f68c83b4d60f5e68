"""STRIDED_SLICE: a block with gaps is copied to one without."""

from edge_nas.codegen.builder import ProgramBuilder
from edge_nas.codegen.lowering import OperatorLowering, lowers
from edge_nas.codegen.operators.data_movement import Block, lower_data_movement, whole_block
from edge_nas.int8.operators.strided_slice import StridedSlice


@lowers(StridedSlice)
class StridedSliceLowering(OperatorLowering[StridedSlice]):
    """Any begin, end and step but along the batch; no ellipsis and no new axis."""

    def lower(self, builder: ProgramBuilder) -> None:
        """Adds the step of the operator."""
        operator = self.operator
        source = Block(operator.input_shape, operator.counts, operator.starts, operator.strides)
        lower_data_movement(builder, operator, source, whole_block(operator.counts))
