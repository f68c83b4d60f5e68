"""The descriptor fields that convolutions and poolings share."""

from edge_nas.codegen.lowering import Lowering
from edge_nas.codegen.program import Field
from edge_nas.int8.operators.pool import Pool
from edge_nas.int8.operators.weights import Weights
from edge_nas.int8.operators.window import Window


def window_fields(window: Window, *, dilated: bool) -> list[Field]:
    """Returns sizes, strides, dilations where `dilated`, and padding of a window."""
    dilations = (window.dilation_height, window.dilation_width) if dilated else ()
    sizes = (window.height, window.width, window.stride_height, window.stride_width)
    return [*sizes, *dilations, window.pad_top, window.pad_left]


def lower_pool(lowering: Lowering, operator: Pool, kernel: str) -> None:
    """Adds the step of a pooling on flat tensors."""
    fields = [
        *operator.input_shape[:2],
        *operator.output_shape,
        *window_fields(operator.window, dilated=False),
        operator.activation_min,
        operator.activation_max,
    ]
    lowering.flat_step(operator, kernel, fields, runs=operator.output_shape[0])


def weight_tables(lowering: Lowering, weights: Weights) -> list[Field]:
    """Returns weights, bias, multipliers and shifts as constant arrays."""
    return [
        lowering.table(weights.weights),
        lowering.table(weights.bias),
        lowering.table([multiplier.value for multiplier in weights.multipliers], "int32"),
        lowering.table([multiplier.shift for multiplier in weights.multipliers], "int8"),
    ]


def code_fields(weights: Weights) -> list[Field]:
    """Returns zero points and the range of the output codes."""
    return [
        weights.input_zero_point,
        weights.output_zero_point,
        weights.activation_min,
        weights.activation_max,
    ]
