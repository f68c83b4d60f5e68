"""ARG_MAX and ARG_MIN on flat tensors."""

import math

from edge_nas.codegen.builder import ProgramBuilder
from edge_nas.codegen.lowering import OperatorLowering, lowers
from edge_nas.codegen.program import Fields, Kernel
from edge_nas.int8.operators.arg_extremum import ArgExtremum


@lowers(ArgExtremum)
class ArgExtremumLowering(OperatorLowering[ArgExtremum]):
    """Along any dimension but the batch; int32 or int64, as a network output."""

    def lower(self, builder: ProgramBuilder) -> None:
        """Adds the step of the operator."""
        operator, shape = self.operator, self.operator.input_shape
        fields: Fields = {
            "outer": math.prod(shape[: operator.axis]),
            "count": shape[operator.axis],
            "inner": math.prod(shape[operator.axis + 1 :]),
            "sign": 1 if operator.largest else -1,
        }
        builder.flat_step(operator, Kernel("arg_extremum", {"places": operator.dtype}), fields)
