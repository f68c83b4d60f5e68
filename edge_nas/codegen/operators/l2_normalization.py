"""L2_NORMALIZATION: row by row."""

import math

from edge_nas.codegen.builder import ProgramBuilder
from edge_nas.codegen.lowering import OperatorLowering, lowers
from edge_nas.codegen.program import Fields
from edge_nas.int8.operators.l2_normalization import L2Normalization


@lowers(L2Normalization)
class L2NormalizationLowering(OperatorLowering[L2Normalization]):
    """Over the last dimension; output scale 1/128."""

    def lower(self, builder: ProgramBuilder) -> None:
        """Adds the step of the operator, once for every row."""
        operator = self.operator
        depth = operator.input_shape[-1] if operator.input_shape else 1
        fields: Fields = {"depth": depth, "zero_point": operator.zero_point}
        builder.flat_step(operator, "l2_normalization", fields, runs=math.prod(operator.input_shape) // depth)
