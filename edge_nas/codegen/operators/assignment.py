"""ASSIGN_VARIABLE: a copy into the state's own buffer, when nothing reads its last values any more."""

from edge_nas.codegen.builder import ProgramBuilder
from edge_nas.codegen.lowering import OperatorLowering, lowers
from edge_nas.codegen.operators.data_movement import lower_data_movement, whole_block
from edge_nas.int8.operators.assignment import Assignment


@lowers(Assignment)
class AssignmentLowering(OperatorLowering[Assignment]):
    """Variables of int8 codes, with VAR_HANDLE, READ_VARIABLE and, for first values, CALL_ONCE."""

    def lower(self, builder: ProgramBuilder) -> None:
        """Adds the step that copies."""
        everything = whole_block(self.operator.output_shape)
        state = builder.read(self.operator.output)
        lower_data_movement(builder, self.operator, everything, everything, output=state)
