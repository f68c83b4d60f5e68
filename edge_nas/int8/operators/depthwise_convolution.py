"""DEPTHWISE_CONV_2D: every output channel reads one input channel."""

from dataclasses import dataclass

import numpy as np

from edge_nas.int8.graph import Int8Graph, Operator
from edge_nas.int8.operators.operands import Codes, Operands, ParsedOperator
from edge_nas.int8.operators.weights import Weights, parse_weights
from edge_nas.int8.operators.window import Window, parse_window, taps


@dataclass(frozen=True, eq=False, kw_only=True)
class DepthwiseConvolution(ParsedOperator):
    """A depthwise convolution; outside the image the codes are the input's zero point.

    Attributes:
        window: its window.
        weights: with `weights.weights` of shape (1, height, width, O).
        depth_multiplier: output channels per input channel; output channel o reads input channel
            o // depth_multiplier.
    """

    window: Window
    weights: Weights
    depth_multiplier: int


def parse(graph: Int8Graph, operator: Operator) -> DepthwiseConvolution:
    """Returns the depthwise convolution that an operator describes.

    Raises:
        ArtifactError: anything about it is not supported.
    """
    operands = Operands(graph, operator)
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
    return DepthwiseConvolution(
        **operands.wiring((source,), output),
        window=window,
        weights=weights,
        depth_multiplier=channels // source.shape[2],
    )


def run(operator: DepthwiseConvolution, codes: Codes) -> Codes:
    """Returns the output codes (N, OH, OW, O) for input codes (N, H, W, C)."""
    weights = operator.weights
    centred = codes.astype(np.int32) - weights.input_zero_point
    if operator.depth_multiplier > 1:
        centred = np.repeat(centred, operator.depth_multiplier, axis=3)
    kernel = weights.weights.astype(np.int32)
    sums = np.zeros((len(codes), *operator.output_shape), np.int32)
    for ky, kx, seen in taps(centred, operator.window, operator.output_shape, 0):
        sums += seen * kernel[0, ky, kx]
    return weights.requantized(sums.astype(np.int64))
