"""Depthwise convolutions of any window on flat images, four channels at a time."""

from collections.abc import Iterable
from functools import cached_property

import numpy as np

from edge_nas.codegen.blocks import BLOCK_OUTPUTS
from edge_nas.codegen.builder import Demand, ProgramBuilder
from edge_nas.codegen.kernels.rounded_windows import add_window_step, rounded_channels
from edge_nas.codegen.lowering import FastKernel
from edge_nas.codegen.program import MOST_CHANNELS, LayoutKind
from edge_nas.codegen.scaling import rounded_is_exact
from edge_nas.codegen.tables import table
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
        weights = self.operator.weights
        missing = -len(self._taps) % BLOCK_OUTPUTS
        # (groups of channels, taps, channels of the group)
        padded = np.pad(self._taps, ((0, missing), (0, 0)))
        groups = padded.reshape(-1, BLOCK_OUTPUTS, self._taps.shape[1]).transpose(0, 2, 1)
        channels = rounded_channels(weights, self._taps, weights.bias.astype(np.int64))
        add_window_step(builder, self.operator, "depthwise_taps", table(groups, "int8"), channels)

    @cached_property
    def _taps(self) -> Integers:
        """The weights as (channels, taps), row by row."""
        weights = self.operator.weights.weights[0]
        taps: Integers = weights.reshape(-1, weights.shape[-1]).T.astype(np.int64)
        return taps
