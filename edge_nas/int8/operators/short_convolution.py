"""CONV_2D and DEPTHWISE_CONV_2D on int16 codes, with int8 weights."""

import math
from dataclasses import dataclass
from typing import Self

import numpy as np

from edge_nas.int8.kinds import register_short
from edge_nas.int8.operands import Operands, ParsedOperator, Stored
from edge_nas.int8.operators import convolution, depthwise_convolution  # noqa: F401 - which name the kinds
from edge_nas.int8.operators.short_weights import ShortWeights, parse_short_weights
from edge_nas.int8.operators.window import Window, parse_window, taps
from edge_nas.int8.shapes import OperandShapes


@register_short("CONV_2D")
@dataclass(frozen=True, eq=False, kw_only=True)
class ShortConvolution(ParsedOperator):
    """A convolution.

    Attributes:
        window: its window.
        weights: with `weights.weights` of shape (O, height, width, I).
    """

    parameter_slots = (1, 2)

    window: Window
    weights: ShortWeights

    @classmethod
    def parse(cls, operands: Operands) -> Self:
        """Returns the convolution that an operator describes.

        Raises:
            ArtifactError: grouped channels, or anything else that is not supported.
        """
        operands.expect_inputs(2, 3)
        source, output = operands.short(0, rank=3), operands.short_output()
        weights = parse_short_weights(operands, source, output, rank=4, channel_axis=0)
        channels, height, width, depth = weights.weights.shape
        if depth != source.shape[2]:
            raise operands.refusal(
                f"the input has {source.shape[2]} channels, the weights read {depth}; groups are not supported "
                "on int16",
                operands.tensor(1),
            )
        window, rows, columns = parse_window(operands, height, width, source.shape)
        operands.short_output(shape=(rows, columns, channels))
        return cls(**operands.wiring((source,), output), window=window, weights=weights)

    def run(self, codes: Stored) -> Stored:
        """Returns the output codes (N, OH, OW, O) for input codes (N, H, W, I)."""
        # Sums of products are integers below 2 ** 47, exact in float64.
        kernel = self.weights.weights.astype(np.float64)
        sums = np.zeros((len(codes), *self.output_shape))
        for ky, kx, seen in taps(codes.astype(np.float64), self.window, self.output_shape, 0):
            sums += seen @ kernel[:, ky, kx].T
        return self.weights.codes(sums.astype(np.int64))

    @classmethod
    def macs(cls, shapes: OperandShapes) -> int:
        """Every output element sums H * W * I products: weights are (O, H, W, I)."""
        return math.prod(shapes.output(4)) * math.prod(shapes.input(1, 4)[1:])


@register_short("DEPTHWISE_CONV_2D")
@dataclass(frozen=True, eq=False, kw_only=True)
class ShortDepthwiseConvolution(ParsedOperator):
    """A depthwise convolution.

    Attributes:
        window: its window.
        weights: with `weights.weights` of shape (1, height, width, O).
        depth_multiplier: output channels per input channel.
    """

    parameter_slots = (1, 2)

    window: Window
    weights: ShortWeights
    depth_multiplier: int

    @classmethod
    def parse(cls, operands: Operands) -> Self:
        """Returns the depthwise convolution that an operator describes.

        Raises:
            ArtifactError: anything about it is not supported.
        """
        operands.expect_inputs(2, 3)
        source, output = operands.short(0, rank=3), operands.short_output()
        weights = parse_short_weights(operands, source, output, rank=4, channel_axis=3)
        first, height, width, channels = weights.weights.shape
        if first != 1 or channels % source.shape[2]:
            raise operands.refusal(
                f"the input has {source.shape[2]} channels; (1, height, width, a multiple of it) is the shape expected",
                operands.tensor(1),
            )
        window, rows, columns = parse_window(operands, height, width, source.shape)
        operands.short_output(shape=(rows, columns, channels))
        wiring = operands.wiring((source,), output)
        return cls(**wiring, window=window, weights=weights, depth_multiplier=channels // source.shape[2])

    def run(self, codes: Stored) -> Stored:
        """Returns the output codes (N, OH, OW, O) for input codes (N, H, W, C)."""
        kernel = self.weights.weights.astype(np.int64)
        sums = np.zeros((len(codes), *self.output_shape), np.int64)
        values = np.repeat(codes.astype(np.int64), self.depth_multiplier, axis=3)
        for ky, kx, seen in taps(values, self.window, self.output_shape, 0):
            sums += seen * kernel[0, ky, kx]
        return self.weights.codes(sums)

    @classmethod
    def macs(cls, shapes: OperandShapes) -> int:
        """Every output element sums H * W products: weights are (1, H, W, O)."""
        return math.prod(shapes.output(4)) * math.prod(shapes.input(1, 4)[1:3])
