"""DEPTHWISE_CONV_2D: every output channel reads one input channel."""

import math
from dataclasses import dataclass
from typing import Self

import numpy as np

from edge_nas.int8.kinds import SchemaOptions, register
from edge_nas.int8.operands import FUSED_ACTIVATION, Codes, Operands, ParsedOperator
from edge_nas.int8.operators.weights import Weights, parse_weights
from edge_nas.int8.operators.window import DILATION_OPTIONS, WINDOW_OPTIONS, Window, parse_window, taps
from edge_nas.int8.shapes import OperandShapes


@register(
    "DEPTHWISE_CONV_2D",
    options=SchemaOptions(
        "DepthwiseConv2DOptions", (*WINDOW_OPTIONS, *DILATION_OPTIONS, "DepthMultiplier", *FUSED_ACTIVATION)
    ),
    version=3,
)
@dataclass(frozen=True, eq=False, kw_only=True)
class DepthwiseConvolution(ParsedOperator):
    """A depthwise convolution; outside the image the codes are the input's zero point.

    Attributes:
        window: its window.
        weights: with `weights.weights` of shape (1, height, width, O).
        depth_multiplier: output channels per input channel; output channel o reads input channel
            o // depth_multiplier.
    """

    parameter_slots = (1, 2)

    window: Window
    weights: Weights
    depth_multiplier: int

    @classmethod
    def parse(cls, operands: Operands) -> Self:
        """Returns the depthwise convolution that an operator describes.

        Raises:
            ArtifactError: anything about it is not supported.
        """
        operands.expect_inputs(2, 3)
        source = operands.activation(0, rank=3)
        output = operands.output()
        weights = parse_weights(operands, source, output, slot=1, bias_slot=2, channel_axis=3)
        first, height, width, channels = weights.weights.shape
        # The option DepthMultiplier is redundant and ignored by the kernels, which divide the channels.
        if first != 1 or channels % source.shape[2]:
            raise operands.refusal(
                f"the input has {source.shape[2]} channels; (1, height, width, a multiple of it) is the shape expected",
                operands.tensor(1),
            )
        window, rows, columns = parse_window(operands, height, width, source.shape)
        operands.output(shape=(rows, columns, channels))
        return cls(
            **operands.wiring((source,), output),
            window=window,
            weights=weights,
            depth_multiplier=channels // source.shape[2],
        )

    def run(self, codes: Codes) -> Codes:
        """Returns the output codes (N, OH, OW, O) for input codes (N, H, W, C)."""
        weights = self.weights
        centred = codes.astype(np.int32) - weights.input_zero_point
        if self.depth_multiplier > 1:
            centred = np.repeat(centred, self.depth_multiplier, axis=3)
        kernel = weights.weights.astype(np.int32)
        sums = np.zeros((len(codes), *self.output_shape), np.int32)
        for ky, kx, seen in taps(centred, self.window, self.output_shape, 0):
            sums += seen * kernel[0, ky, kx]
        return weights.requantized(sums.astype(np.int64))

    @classmethod
    def macs(cls, shapes: OperandShapes) -> int:
        """Every output element sums H * W products: weights are (1, H, W, O)."""
        return math.prod(shapes.output(4)) * math.prod(shapes.input(1, 4)[1:3])
