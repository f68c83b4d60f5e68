"""CONV_2D: every output pixel is a dense layer over the window below it."""

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
    "CONV_2D",
    options=SchemaOptions("Conv2DOptions", (*WINDOW_OPTIONS, *DILATION_OPTIONS, *FUSED_ACTIVATION)),
    version=3,
)
@dataclass(frozen=True, eq=False, kw_only=True)
class Convolution(ParsedOperator):
    """A convolution; outside the image the codes are the input's zero point.

    Attributes:
        window: its window.
        weights: with `weights.weights` of shape (O, height, width, I / groups).
        groups: how many parts the channels are cut into: outputs of a part read inputs of that part alone.
    """

    parameter_slots = (1, 2)

    window: Window
    weights: Weights
    groups: int = 1

    @classmethod
    def parse(cls, operands: Operands) -> Self:
        """Returns the convolution that an operator describes.

        Raises:
            ArtifactError: channels that do not divide into groups, or anything else that is not supported.
        """
        operands.expect_inputs(2, 3)
        source = operands.activation(0, rank=3)
        output = operands.output()
        weights = parse_weights(operands, source, output, slot=1, bias_slot=2, channel_axis=0)
        channels, height, width, depth = weights.weights.shape
        groups, rest = divmod(source.shape[2], depth)
        if rest or channels % max(groups, 1) or not groups:
            raise operands.refusal(
                f"the input has {source.shape[2]} channels, the weights make {channels} of {depth}; either are to be "
                "divided into as many groups",
                operands.tensor(1),
            )
        window, rows, columns = parse_window(operands, height, width, source.shape)
        operands.output(shape=(rows, columns, channels))
        return cls(**operands.wiring((source,), output), window=window, weights=weights, groups=groups)

    def run(self, codes: Codes) -> Codes:
        """Returns the output codes (N, OH, OW, O) for input codes (N, H, W, I)."""
        weights = self.weights
        values, kernel = weights.centred(codes)
        sums = np.zeros((len(codes), *self.output_shape), values.dtype)
        for ky, kx, seen in taps(values, self.window, self.output_shape, 0):
            parts = zip(np.split(seen, self.groups, -1), np.split(kernel[:, ky, kx], self.groups), strict=True)
            sums += np.concatenate([inputs @ rows.T for inputs, rows in parts], -1)
        return weights.requantized(sums.astype(np.int64))

    @classmethod
    def macs(cls, shapes: OperandShapes) -> int:
        """Every output element sums H * W * I / groups products: weights are (O, H, W, I / groups)."""
        return math.prod(shapes.output(4)) * math.prod(shapes.input(1, 4)[1:])
