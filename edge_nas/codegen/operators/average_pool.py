"""AVERAGE_POOL_2D on flat images."""

from edge_nas.codegen.builder import ProgramBuilder
from edge_nas.codegen.lowering import OperatorLowering, lowers
from edge_nas.codegen.window_fields import pool_fields
from edge_nas.int8.operators.average_pool import AveragePool


@lowers(AveragePool)
class AveragePoolLowering(OperatorLowering[AveragePool]):
    """Any window, stride, padding and fused activation."""

    def lower(self, builder: ProgramBuilder) -> None:
        """Adds the step of the operator, row by row."""
        fields = pool_fields(self.operator)
        builder.flat_step(self.operator, "average_pool", fields, runs=self.operator.output_shape[0])
