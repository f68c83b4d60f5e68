"""What kernels share that go over windows of flat images and round as the reference does, whatever the multiplier."""

import numpy as np

from edge_nas.codegen.blocks import BLOCK_OUTPUTS
from edge_nas.codegen.builder import ProgramBuilder
from edge_nas.codegen.program import Fields, Kernel, Rows, RowWindow, Table
from edge_nas.codegen.scaling import scale_rounded
from edge_nas.codegen.tables import struct_table
from edge_nas.codegen.window_fields import window_fields
from edge_nas.int8.arithmetic import Integers
from edge_nas.int8.operators.convolution import Convolution
from edge_nas.int8.operators.depthwise_convolution import DepthwiseConvolution
from edge_nas.int8.operators.weights import Weights

_CHANNEL_BYTES = 16  # of the C struct EdgeRounded


def add_window_step(
    builder: ProgramBuilder, operator: Convolution | DepthwiseConvolution, source: str, weights: Table, channels: Table
) -> None:
    """Adds the step of an operator, row by row, from a flat image to a flat one.

    Args:
        builder: of the program.
        operator: what it computes.
        source: of the kernel, whose descriptor has these fields.
        weights: as the kernel wants them.
        channels: see `rounded_channels`.
    """
    window = operator.window
    image = builder.read(operator.input)
    output = builder.create(operator.output, "flat")
    rows, _, _ = operator.output_shape
    fields: Fields = {
        "input": Rows(image),
        "output": Rows(output),
        "weights": weights,
        "channels": channels,
        "height": operator.input_shape[0],
        **window_fields(window, dilated=True),
        "zero": operator.weights.input_zero_point,
        "low": operator.weights.activation_min,
        "high": operator.weights.activation_max,
    }
    span = (window.height - 1) * window.dilation_height + 1
    rows_read = RowWindow(numerator=window.stride_height, offset=-window.pad_top, size=span)
    builder.step([operator], Kernel(source), fields, [builder.reading(image, rows_read)], output, runs=rows)


def rounded_channels(weights: Weights, taps: Integers, bias: Integers) -> Table:
    """Returns the constants of all channels, and zeros for what fills up the last four.

    Args:
        weights: multipliers and codes.
        taps: (channels, taps) the factors of the input codes.
        bias: (channels,) of the sums.
    """
    scaled = scale_rounded(weights, taps)
    columns = {
        "bias": bias,
        "multiplier": scaled.multipliers,
        "rounding": scaled.roundings,
        "exponent": scaled.exponents,
        "sign": scaled.signs,
        "shift": scaled.shifts,
        "unused": np.zeros(len(bias), np.int64),  # C++ warns of a member without a value
    }
    rows = np.pad(np.column_stack(list(columns.values())), ((0, -len(bias) % BLOCK_OUTPUTS), (0, 0)))
    channels = [dict(zip(columns, row, strict=True)) for row in rows.tolist()]
    return struct_table("EdgeRounded", channels, _CHANNEL_BYTES)
