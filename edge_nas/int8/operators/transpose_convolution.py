"""TRANSPOSE_CONV: every input pixel adds its multiple of the kernel to the output, stride steps apart."""

import math
from dataclasses import dataclass
from typing import Self

import numpy as np

from edge_nas.int8.kinds import SchemaOptions, register
from edge_nas.int8.operands import FUSED_ACTIVATION, Codes, Operands, ParsedOperator
from edge_nas.int8.operators.weights import Weights, parse_weights
from edge_nas.int8.operators.window import WINDOW_OPTIONS, Window, parse_window
from edge_nas.int8.shapes import OperandShapes


@register(
    "TRANSPOSE_CONV", options=SchemaOptions("TransposeConvOptions", (*WINDOW_OPTIONS, *FUSED_ACTIVATION)), version=3
)
@dataclass(frozen=True, eq=False, kw_only=True)
class TransposeConvolution(ParsedOperator):
    """A transposed convolution.

    Input pixel (y, x) and tap (ky, kx) add to the output pixel (y * stride_height - pad_top + ky,
    x * stride_width - pad_left + kx), if that exists.

    Attributes:
        window: of the convolution that this one transposes: it would turn the output's shape into the input's.
        weights: with `weights.weights` of shape (O, height, width, I).
    """

    parameter_slots = (1, 3)

    window: Window
    weights: Weights

    @classmethod
    def parse(cls, operands: Operands) -> Self:
        """Returns the transposed convolution that an operator describes.

        Raises:
            ArtifactError: anything about it is not supported.
        """
        operands.expect_inputs(3, 4)
        source = operands.activation(2, rank=3)
        requested = tuple(operands.constant(0, "int32", 1).tolist())  # the output's shape, batch included
        output = operands.output()
        weights = parse_weights(operands, source, output, slot=1, bias_slot=3, channel_axis=0)
        channels, height, width, depth = weights.weights.shape
        if depth != source.shape[2]:
            raise operands.refusal(
                f"the input has {source.shape[2]} channels, the weights read {depth}", operands.tensor(1)
            )
        if requested != (1, *output.shape) or len(output.shape) != 3 or output.shape[2] != channels:
            raise operands.refusal(
                f"the shape {requested} is asked for, the output has {(1, *output.shape)} and the weights {channels} "
                "channels"
            )
        window, rows, columns = parse_window(operands, height, width, output.shape)
        if (rows, columns) != source.shape[:2]:
            raise operands.refusal(
                f"an output of shape {output.shape} belongs to an input of {rows} x {columns} pixels, not of "
                f"{source.shape[0]} x {source.shape[1]}"
            )
        return cls(**operands.wiring((source,), output), window=window, weights=weights)

    def run(self, codes: Codes) -> Codes:
        """Returns the output codes (N, OH, OW, O) for input codes (N, H, W, I)."""
        window, weights = self.window, self.weights
        count, height, width, _ = codes.shape
        rows, columns, channels = self.output_shape
        # What falls outside the output is summed as well, and cut off at the end.
        reach_y = max((height - 1) * window.stride_height + window.height, window.pad_top + rows)
        reach_x = max((width - 1) * window.stride_width + window.width, window.pad_left + columns)
        values, kernel = weights.centred(codes)
        sums = np.zeros((count, reach_y, reach_x, channels), values.dtype)
        for ky in range(window.height):
            rows_of_tap = slice(ky, ky + (height - 1) * window.stride_height + 1, window.stride_height)
            for kx in range(window.width):
                columns_of_tap = slice(kx, kx + (width - 1) * window.stride_width + 1, window.stride_width)
                sums[:, rows_of_tap, columns_of_tap] += values @ kernel[:, ky, kx].T
        inside = sums[:, window.pad_top : window.pad_top + rows, window.pad_left : window.pad_left + columns]
        return weights.requantized(inside.astype(np.int64))

    @classmethod
    def macs(cls, shapes: OperandShapes) -> int:
        """Every input element is used in O * H * W products: weights are (O, H, W, I), data the third input."""
        return math.prod(shapes.input(2, 4)) * math.prod(shapes.input(1, 4)[:3])
