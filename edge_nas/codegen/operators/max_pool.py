"""MAX_POOL_2D on flat images."""

from edge_nas.codegen.builder import ProgramBuilder
from edge_nas.codegen.kernels.max_pool_planar import MaxPoolPlanar
from edge_nas.codegen.lowering import OperatorLowering, lowers
from edge_nas.codegen.window_fields import pool_fields
from edge_nas.int8.operators.max_pool import MaxPool


@lowers(MaxPool)
class MaxPoolLowering(OperatorLowering[MaxPool]):
    """Any window, stride, padding and fused activation."""

    fast_kernels = (MaxPoolPlanar,)

    def lower(self, builder: ProgramBuilder) -> None:
        """Adds the step of the operator, row by row."""
        builder.flat_step(self.operator, "max_pool", pool_fields(self.operator), runs=self.operator.output_shape[0])
