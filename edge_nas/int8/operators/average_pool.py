"""AVERAGE_POOL_2D: the mean of the codes below the window, channel by channel."""

from dataclasses import dataclass

import numpy as np

from edge_nas.int8.graph import Int8Graph, Operator
from edge_nas.int8.operators.operands import Codes, Operands, ParsedOperator
from edge_nas.int8.operators.window import Window, parse_window, taps


@dataclass(frozen=True, eq=False, kw_only=True)
class AveragePool(ParsedOperator):
    """The mean over the n pixels of the window inside the image, halves away from zero, then clipped.

    For a sum s of codes it is trunc((s + n // 2) / n) where s > 0, else trunc((s - n // 2) / n).

    Attributes:
        window: its window; every position covers at least one pixel.
        activation_min, activation_max: the smallest and largest code.
    """

    window: Window
    activation_min: int
    activation_max: int


def parse(graph: Int8Graph, operator: Operator) -> AveragePool:
    """Returns the pooling that an operator describes.

    Raises:
        ArtifactError: anything about it is not supported.
    """
    operands = Operands(graph, operator)
    operands.expect_inputs(1, 1)
    source = operands.activation(0, rank=3)
    taps_y, taps_x = operands.option("FilterHeight", 1), operands.option("FilterWidth", 1)
    window, rows, columns = parse_window(operands, taps_y, taps_x, source.shape)
    output = operands.output(shape=(rows, columns, source.shape[2]), same_codes_as=source)
    low, high = operands.fused_range(output)
    return AveragePool(**operands.wiring((source,), output), window=window, activation_min=low, activation_max=high)


def run(operator: AveragePool, codes: Codes) -> Codes:
    """Returns the output codes (N, OH, OW, C) for input codes (N, H, W, C)."""
    sums = np.zeros((len(codes), *operator.output_shape), np.int64)
    for _, _, seen in taps(codes, operator.window, operator.output_shape, 0):
        sums += seen
    counts = np.zeros((1, *operator.output_shape[:2], 1), np.int64)
    image = np.ones((1, *operator.input_shape[:2], 1), np.int8)
    for _, _, seen in taps(image, operator.window, operator.output_shape, 0):
        counts += seen
    means = np.sign(sums) * ((np.abs(sums) + counts // 2) // counts)
    output: Codes = np.clip(means, operator.activation_min, operator.activation_max).astype(np.int8)
    return output
