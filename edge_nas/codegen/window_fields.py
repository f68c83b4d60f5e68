"""The descriptor fields that convolutions and poolings share."""

from edge_nas.codegen.program import Fields
from edge_nas.codegen.tables import table
from edge_nas.int8.operators.pool import Pool
from edge_nas.int8.operators.weights import Weights
from edge_nas.int8.operators.window import Window


def window_fields(window: Window, *, dilated: bool) -> Fields:
    """Returns sizes, strides, dilations where `dilated`, and padding of a window."""
    dilations = {"dilation_y": window.dilation_height, "dilation_x": window.dilation_width} if dilated else {}
    return {
        "window_height": window.height,
        "window_width": window.width,
        "stride_y": window.stride_height,
        "stride_x": window.stride_width,
        **dilations,
        "pad_top": window.pad_top,
        "pad_left": window.pad_left,
    }


def pool_fields(operator: Pool) -> Fields:
    """Returns the fields of a pooling on flat images."""
    height, width, _ = operator.input_shape
    rows, columns, channels = operator.output_shape
    return {
        "height": height,
        "width": width,
        "rows": rows,
        "columns": columns,
        "channels": channels,
        **window_fields(operator.window, dilated=False),
        "low": operator.activation_min,
        "high": operator.activation_max,
    }


def image_fields(input_shape: tuple[int, ...], output_shape: tuple[int, ...]) -> Fields:
    """Returns the sizes of the images (H, W, C) that a convolution reads and writes."""
    height, width, depth = input_shape
    rows, columns, channels = output_shape
    return {
        "height": height,
        "width": width,
        "depth": depth,
        "rows": rows,
        "columns": columns,
        "channels": channels,
    }


def weight_fields(weights: Weights) -> Fields:
    """Returns weights, bias, multipliers and shifts as constant arrays."""
    return {
        "weights": table(weights.weights),
        "bias": table(weights.bias),
        "multipliers": table([multiplier.value for multiplier in weights.multipliers], "int32"),
        "shifts": table([multiplier.shift for multiplier in weights.multipliers], "int8"),
    }


def code_fields(weights: Weights) -> Fields:
    """Returns zero points and the range of the output codes."""
    return {
        "input_zero_point": weights.input_zero_point,
        "output_zero_point": weights.output_zero_point,
        "low": weights.activation_min,
        "high": weights.activation_max,
    }
