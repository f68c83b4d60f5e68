"""Depthwise convolutions of any window on flat images, four channels at a time."""

from collections.abc import Iterable
from functools import cached_property

import numpy as np

from edge_nas.codegen.blocks import BLOCK_OUTPUTS
from edge_nas.codegen.builder import Demand, ProgramBuilder
from edge_nas.codegen.kernels.rounded_channels import rounded_channels
from edge_nas.codegen.lowering import FastKernel
from edge_nas.codegen.program import MOST_CHANNELS, Fields, Kernel, LayoutKind, Rows, RowWindow
from edge_nas.codegen.scaling import rounded_is_exact
from edge_nas.codegen.tables import table
from edge_nas.codegen.window_fields import window_fields
from edge_nas.int8.arithmetic import Integers
from edge_nas.int8.operators.depthwise_convolution import DepthwiseConvolution

# The kernel keeps a pointer to every row of the window (EDGE_TAPS_ROWS).
_MOST_WINDOW_ROWS = 32
# Widths, strides and dilations are bytes in its descriptor.
_MOST_WINDOW_COLUMNS = 255


class DepthwiseTaps(FastKernel[DepthwiseConvolution]):
    """One output per input channel."""

    def fits(self, wanted: frozenset[LayoutKind]) -> bool:  # noqa: ARG002 - it works on flat images
        """Returns whether it has one output per input channel, and no sum leaves 32 bits when it is scaled."""
        operator, window = self.operator, self.operator.window
        strides = (window.stride_height, window.stride_width)
        dilations = (window.dilation_height, window.dilation_width)
        return (
            operator.depth_multiplier == 1
            and operator.output_shape[2] <= MOST_CHANNELS
            and window.height <= _MOST_WINDOW_ROWS
            and max(window.width, *strides, *dilations) <= _MOST_WINDOW_COLUMNS
            and rounded_is_exact(operator.weights, self._taps)
        )

    def demands(self) -> Iterable[Demand]:
        """Yields nothing: it reads its input flat."""
        return ()

    def lower(self, builder: ProgramBuilder) -> None:
        """Adds the step of the operator, row by row."""
        operator, window, weights = self.operator, self.operator.window, self.operator.weights
        missing = -len(self._taps) % BLOCK_OUTPUTS
        # (groups of channels, taps, channels of the group)
        padded = np.pad(self._taps, ((0, missing), (0, 0)))
        groups = padded.reshape(-1, BLOCK_OUTPUTS, self._taps.shape[1]).transpose(0, 2, 1)
        source = builder.read(operator.input)
        output = builder.create(operator.output, "flat")
        fields: Fields = {
            "input": Rows(source),
            "output": Rows(output),
            "weights": table(groups, "int8"),
            "channels": rounded_channels(weights, self._taps, weights.bias.astype(np.int64)),
            "height": operator.input_shape[0],
            **window_fields(window, dilated=True),
            "zero": weights.input_zero_point,
            "low": weights.activation_min,
            "high": weights.activation_max,
        }
        span = (window.height - 1) * window.dilation_height + 1
        rows_read = RowWindow(numerator=window.stride_height, offset=-window.pad_top, size=span)
        builder.step(
            [operator],
            Kernel("depthwise_taps"),
            fields,
            [builder.reading(source, rows_read)],
            output,
            runs=operator.output_shape[0],
        )

    @cached_property
    def _taps(self) -> Integers:
        """The weights as (channels, taps), row by row."""
        weights = self.operator.weights.weights[0]
        taps: Integers = weights.reshape(-1, weights.shape[-1]).T.astype(np.int64)
        return taps
