"""REDUCE_MAX and REDUCE_MIN on flat tensors, with the loops of MEAN."""

from edge_nas.codegen.builder import ProgramBuilder
from edge_nas.codegen.lowering import OperatorLowering, lowers
from edge_nas.codegen.operators.mean import reduction_fields
from edge_nas.codegen.program import Fields
from edge_nas.int8.operators.reduced_extremum import ReducedExtremum


@lowers(ReducedExtremum)
class ReducedExtremumLowering(OperatorLowering[ReducedExtremum]):
    """Over any dimensions but the batch; output and input of one scale."""

    def lower(self, builder: ProgramBuilder) -> None:
        """Adds the step of the operator."""
        operator = self.operator
        fields: Fields = {
            **reduction_fields(operator.input_shape, operator.axes),
            "sign": 1 if operator.largest else -1,
        }
        builder.flat_step(operator, "reduced_extremum", fields)
