"""MEAN on flat tensors: loops over the dimensions that stay, inside them loops over those that are averaged."""

from edge_nas.codegen.builder import ProgramBuilder
from edge_nas.codegen.lowering import OperatorLowering, lowers
from edge_nas.codegen.operators.pairing import element_strides
from edge_nas.codegen.program import Fields
from edge_nas.int8.operators.mean import Mean

# The C struct has room for as many dimensions of either sort as there are without the batch.
_MOST_AXES = 3


@lowers(Mean)
class MeanLowering(OperatorLowering[Mean]):
    """Over any dimensions but the batch."""

    def lower(self, builder: ProgramBuilder) -> None:
        """Adds the step of the operator."""
        operator, shape = self.operator, self.operator.input_shape
        strides = element_strides(shape)[-len(shape) :]
        kept = [axis for axis in range(len(shape)) if axis not in operator.axes]
        fields: Fields = {
            "kept": _three([shape[axis] for axis in kept], 1),
            "averaged": _three([shape[axis] for axis in operator.axes], 1),
            "kept_strides": _three([strides[axis] for axis in kept], 0),
            "averaged_strides": _three([strides[axis] for axis in operator.axes], 0),
            "offset": operator.count * operator.input_zero_point,
            "multiplier": operator.multiplier.value,
            "shift": operator.multiplier.shift,
            "zero_point": operator.output_zero_point,
        }
        builder.flat_step(operator, "mean", fields)


def _three(values: list[int], fill: int) -> tuple[int, ...]:
    return (*[fill] * (_MOST_AXES - len(values)), *values)
