"""MAX_POOL_2D: the largest code below the window, channel by channel."""

from dataclasses import dataclass

import numpy as np

from edge_nas.int8.arithmetic import INT8_MIN
from edge_nas.int8.graph import Int8Graph, Operator
from edge_nas.int8.operators.operands import Codes, Operands, ParsedOperator
from edge_nas.int8.operators.window import Window, parse_window, taps


@dataclass(frozen=True, eq=False, kw_only=True)
class MaxPool(ParsedOperator):
    """A maximum over the part of the window inside the image, then clipped.

    Attributes:
        window: its window; every position covers at least one pixel.
        activation_min, activation_max: the smallest and largest code.
    """

    window: Window
    activation_min: int
    activation_max: int


def parse(graph: Int8Graph, operator: Operator) -> MaxPool:
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
    return MaxPool(
        **operands.wiring((source,), output),
        window=window,
        activation_min=low,
        activation_max=high,
    )


def run(operator: MaxPool, codes: Codes) -> Codes:
    """Returns the output codes (N, OH, OW, C) for input codes (N, H, W, C)."""
    largest = np.full((len(codes), *operator.output_shape), INT8_MIN, np.int8)
    for _, _, seen in taps(codes, operator.window, operator.output_shape, INT8_MIN):
        np.maximum(largest, seen, out=largest)
    return np.clip(largest, operator.activation_min, operator.activation_max)
