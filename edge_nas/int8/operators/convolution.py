"""CONV_2D: every output pixel is a dense layer over the window below it."""

from dataclasses import dataclass

import numpy as np

from edge_nas.int8.graph import Int8Graph, Operator
from edge_nas.int8.operators.operands import Codes, Operands, ParsedOperator
from edge_nas.int8.operators.weights import Weights, parse_weights
from edge_nas.int8.operators.window import Window, parse_window, taps


@dataclass(frozen=True, eq=False, kw_only=True)
class Convolution(ParsedOperator):
    """A convolution; outside the image the codes are the input's zero point.

    Attributes:
        window: its window.
        weights: with `weights.weights` of shape (O, height, width, I).
    """

    window: Window
    weights: Weights


def parse(graph: Int8Graph, operator: Operator) -> Convolution:
    """Returns the convolution that an operator describes.

    Raises:
        ArtifactError: grouped channels, or anything else that is not supported.
    """
    operands = Operands(graph, operator)
    operands.expect_inputs(2, 3)
    source = operands.activation(0, rank=3)
    output = operands.output()
    weights = parse_weights(operands, source, output, slot=1, bias_slot=2, channel_axis=0)
    channels, height, width, depth = weights.weights.shape
    if depth != source.shape[2]:
        raise operands.refusal(
            f"the input has {source.shape[2]} channels, the weights read {depth}; grouped convolution is not supported",
            operands.tensor(1),
        )
    window, rows, columns = parse_window(operands, height, width, source.shape)
    operands.output(shape=(rows, columns, channels))
    return Convolution(**operands.wiring((source,), output), window=window, weights=weights)


def run(operator: Convolution, codes: Codes) -> Codes:
    """Returns the output codes (N, OH, OW, O) for input codes (N, H, W, I)."""
    weights = operator.weights
    values, kernel = weights.centred(codes)
    sums = np.zeros((len(codes), *operator.output_shape), values.dtype)
    for ky, kx, seen in taps(values, operator.window, operator.output_shape, 0):
        sums += seen @ kernel[:, ky, kx].T
    return weights.requantized(sums.astype(np.int64))
