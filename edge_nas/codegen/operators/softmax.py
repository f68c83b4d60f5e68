"""SOFTMAX: row by row of classes, from a table of exponentials."""

import math

from edge_nas.codegen.builder import ProgramBuilder
from edge_nas.codegen.lowering import OperatorLowering, lowers
from edge_nas.codegen.program import Fields, Kernel
from edge_nas.codegen.tables import table
from edge_nas.int8.operators.softmax import Softmax


@lowers(Softmax)
class SoftmaxLowering(OperatorLowering[Softmax]):
    """Over the last dimension, up to 4,095 classes; output scale 1/256, or 1/65536 in int16."""

    def lower(self, builder: ProgramBuilder) -> None:
        """Adds the step of the operator, once for every row of classes."""
        shape = self.operator.input_shape
        classes = shape[-1] if shape else 1
        fields: Fields = {"exponentials": table(self.operator.exponentials), "classes": classes}
        # What makes int8 is called as it always was.
        codes = {"codes": f"int{self.operator.output_bits}"}
        kernel = Kernel("softmax", places=codes) if self.operator.output_bits == 8 else Kernel("softmax", codes)
        builder.flat_step(self.operator, kernel, fields, runs=math.prod(shape) // classes)
