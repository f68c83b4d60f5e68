"""Convolutions of any window on flat images, with no further memory in the arena: each is gathered on the stack."""

from collections.abc import Iterable

import numpy as np

from edge_nas.codegen import lanes
from edge_nas.codegen.blocks import block_weights, weight_blocks
from edge_nas.codegen.builder import Demand, ProgramBuilder
from edge_nas.codegen.kernels.rounded_channels import rounded_channels
from edge_nas.codegen.lowering import FastKernel
from edge_nas.codegen.program import Fields, Kernel, LayoutKind, Rows, RowWindow
from edge_nas.codegen.scaling import rounded_is_exact
from edge_nas.codegen.window_fields import window_fields
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
        operator, window, weights = self.operator, self.operator.window, self.operator.weights
        source = builder.read(operator.input)
        output = builder.create(operator.output, "flat")
        # Of sums over codes, where the zero point stands for what lies outside.
        bias = weights.bias.astype(np.int64) - weights.input_zero_point * self._taps.sum(axis=1)
        fields: Fields = {
            "input": Rows(source),
            "output": Rows(output),
            "weights": block_weights(weight_blocks(weights.weights)),
            "channels": rounded_channels(weights, self._taps, bias),
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
            Kernel("convolution_patches"),
            fields,
            [builder.reading(source, rows_read)],
            output,
            runs=operator.output_shape[0],
        )

    @property
    def _taps(self) -> Integers:
        """The weights as (output channels, taps) int64."""
        weights = self.operator.weights.weights
        return weights.reshape(len(weights), -1).astype(np.int64)
