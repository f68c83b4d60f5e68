"""MEAN and SUM on flat tensors: loops over the dimensions that stay, inside them loops over those that are reduced."""

from collections.abc import Sequence

from edge_nas.codegen.builder import ProgramBuilder
from edge_nas.codegen.lowering import OperatorLowering, lowers
from edge_nas.codegen.operators.pairing import element_strides, joined_dimensions
from edge_nas.codegen.program import Fields
from edge_nas.int8.operands import Shape
from edge_nas.int8.operators.mean import Mean

# The C struct has room for as many dimensions of either sort as there are without the batch.
_MOST_AXES = 3


@lowers(Mean)
class MeanLowering(OperatorLowering[Mean]):
    """Over any dimensions but the batch; sums as tflite-micro has them."""

    def lower(self, builder: ProgramBuilder) -> None:
        """Adds the step of the operator."""
        operator = self.operator
        reduction = reduction_fields(operator.input_shape, operator.axes)
        fields: Fields = {
            "kept": reduction["kept"],
            "averaged": reduction["reduced"],
            "kept_strides": reduction["kept_strides"],
            "averaged_strides": reduction["reduced_strides"],
            "offset": operator.count * operator.input_zero_point,
            "multiplier": operator.multiplier.value,
            "shift": operator.multiplier.shift,
            "zero_point": operator.output_zero_point,
        }
        builder.flat_step(operator, "mean", fields)


def reduction_fields(shape: Shape, axes: tuple[int, ...]) -> Fields:
    """Returns counts and element strides of the dimensions of a tensor that stay, and of those along `axes`.

    Neighbours among either are one, where that is the same.
    """
    strides = element_strides(shape)[-len(shape) :]
    kept = [axis for axis in range(len(shape)) if axis not in axes]
    (kept_sizes, kept_strides), (sizes, reduced_strides) = (
        joined_dimensions(_three([shape[axis] for axis in chosen], 1), [_three([strides[axis] for axis in chosen], 0)])
        for chosen in (kept, axes)
    )
    # In the order of the C struct, which C++ wants.
    return {
        "kept": kept_sizes,
        "reduced": sizes,
        "kept_strides": kept_strides[0],
        "reduced_strides": reduced_strides[0],
    }


def _three(values: Sequence[int], fill: int) -> tuple[int, ...]:
    return (*[fill] * (_MOST_AXES - len(values)), *values)
