"""MAX_POOL_2D: the largest code below the window, channel by channel."""

from dataclasses import dataclass

import numpy as np

from edge_nas.int8.arithmetic import INT8_MIN
from edge_nas.int8.kinds import register
from edge_nas.int8.operands import Codes
from edge_nas.int8.operators.pool import POOL_OPTIONS, Pool
from edge_nas.int8.operators.window import taps


@register("MAX_POOL_2D", options=POOL_OPTIONS)
@dataclass(frozen=True, eq=False, kw_only=True)
class MaxPool(Pool):
    """A maximum over the part of the window inside the image, then clipped."""

    def run(self, codes: Codes) -> Codes:
        """Returns the output codes (N, OH, OW, C) for input codes (N, H, W, C)."""
        largest = np.full((len(codes), *self.output_shape), INT8_MIN, np.int8)
        for _, _, seen in taps(codes, self.window, self.output_shape, INT8_MIN):
            np.maximum(largest, seen, out=largest)
        return np.clip(largest, self.activation_min, self.activation_max)
