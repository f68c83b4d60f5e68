"""LOG_SOFTMAX: row by row of classes, from tables of exponentials and of differences."""

import math

from edge_nas.codegen.builder import ProgramBuilder
from edge_nas.codegen.lowering import OperatorLowering, lowers
from edge_nas.codegen.program import Fields
from edge_nas.codegen.tables import table
from edge_nas.int8.operators.log_softmax import LogSoftmax


@lowers(LogSoftmax)
class LogSoftmaxLowering(OperatorLowering[LogSoftmax]):
    """Over the last dimension, up to 4,095 classes; output scale 1/16."""

    def lower(self, builder: ProgramBuilder) -> None:
        """Adds the step of the operator, once for every row of classes."""
        operator = self.operator
        classes = operator.input_shape[-1] if operator.input_shape else 1
        fields: Fields = {
            "exponentials": table(operator.exponentials),
            "differences": table(operator.differences),
            "classes": classes,
            "least": operator.least,
            "reverse": operator.reverse.value,
            "reverse_shift": operator.reverse.shift,
        }
        builder.flat_step(operator, "log_softmax", fields, runs=math.prod(operator.input_shape) // classes)
