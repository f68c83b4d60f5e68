"""MAX_POOL_2D: the largest code below the window, channel by channel."""

from dataclasses import dataclass

import numpy as np

from edge_nas.int8.arithmetic import INT8_MIN
from edge_nas.int8.graph import Int8Graph, Operator
from edge_nas.int8.operators.operands import Codes
from edge_nas.int8.operators.pool import Pool, parse_pool
from edge_nas.int8.operators.window import taps


@dataclass(frozen=True, eq=False, kw_only=True)
class MaxPool(Pool):
    """A maximum over the part of the window inside the image, then clipped."""


def parse(graph: Int8Graph, operator: Operator) -> MaxPool:
    """Returns the pooling that an operator describes.

    Raises:
        ArtifactError: anything about it is not supported.
    """
    return parse_pool(MaxPool, graph, operator)


def run(operator: MaxPool, codes: Codes) -> Codes:
    """Returns the output codes (N, OH, OW, C) for input codes (N, H, W, C)."""
    largest = np.full((len(codes), *operator.output_shape), INT8_MIN, np.int8)
    for _, _, seen in taps(codes, operator.window, operator.output_shape, INT8_MIN):
        np.maximum(largest, seen, out=largest)
    return np.clip(largest, operator.activation_min, operator.activation_max)
