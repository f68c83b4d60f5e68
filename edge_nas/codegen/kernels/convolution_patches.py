"""Convolutions of any window on flat images, with no further memory in the arena: each is gathered on the stack."""

from collections.abc import Iterable

import numpy as np

from edge_nas.codegen import lanes
from edge_nas.codegen.blocks import block_weights, weight_blocks
from edge_nas.codegen.builder import Demand, ProgramBuilder
from edge_nas.codegen.kernels.rounded_windows import add_window_step, rounded_channels
from edge_nas.codegen.lowering import FastKernel
from edge_nas.codegen.program import LayoutKind
from edge_nas.codegen.scaling import rounded_is_exact
from edge_nas.int8.arithmetic import Integers
from edge_nas.int8.operators.convolution import Convolution

_MOST_PATCH_CODES = 1152  # of a window on the stack (EDGE_PATCH_CODES): 3 x 3 of 128 channels
_MOST_WINDOW_SIZE = 255  # sizes, strides and dilations are bytes in the descriptor


class ConvolutionPatches(FastKernel[Convolution]):
    """Where memory keeps those out, windows of up to 1152 codes."""

    def fits(self, wanted: frozenset[LayoutKind]) -> bool:  # noqa: ARG002 - it works on flat images
        """Returns whether the window fits on the stack, weights can share lanes, and no scaled sum leaves 32 bits."""
        window, weights = self.operator.window, self.operator.weights
        strides = (window.stride_height, window.stride_width, window.dilation_height, window.dilation_width)
        return (
            max(window.height, window.width, *strides) <= _MOST_WINDOW_SIZE
            and self._taps.shape[1] <= _MOST_PATCH_CODES
            and lanes.fit(weight_blocks(weights.weights))
            and rounded_is_exact(weights, self._taps)
        )

    def demands(self) -> Iterable[Demand]:
        """Yields nothing: it reads its input flat."""
        return ()

    def lower(self, builder: ProgramBuilder) -> None:
        """Adds the step of the operator, row by row."""
        weights = self.operator.weights
        # Of sums over codes, where the zero point stands for what lies outside.
        bias = weights.bias.astype(np.int64) - weights.input_zero_point * self._taps.sum(axis=1)
        channels = rounded_channels(weights, self._taps, bias)
        blocks = block_weights(weight_blocks(weights.weights))
        add_window_step(builder, self.operator, "convolution_patches", blocks, channels)

    @property
    def _taps(self) -> Integers:
        """The weights as (output channels, taps) int64."""
        weights = self.operator.weights.weights
        return weights.reshape(len(weights), -1).astype(np.int64)
