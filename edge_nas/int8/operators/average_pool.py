"""AVERAGE_POOL_2D: the mean of the codes below the window, channel by channel."""

from dataclasses import dataclass

import numpy as np

from edge_nas.int8.kinds import register
from edge_nas.int8.operands import Codes
from edge_nas.int8.operators.pool import POOL_OPTIONS, Pool
from edge_nas.int8.operators.window import taps


@register("AVERAGE_POOL_2D", options=POOL_OPTIONS)
@dataclass(frozen=True, eq=False, kw_only=True)
class AveragePool(Pool):
    """The mean over the n pixels of the window inside the image, halves away from zero, then clipped.

    For a sum s of codes it is trunc((s + n // 2) / n) where s > 0, else trunc((s - n // 2) / n).
    """

    def run(self, codes: Codes) -> Codes:
        """Returns the output codes (N, OH, OW, C) for input codes (N, H, W, C)."""
        sums = np.zeros((len(codes), *self.output_shape), np.int64)
        for _, _, seen in taps(codes, self.window, self.output_shape, 0):
            sums += seen
        counts = np.zeros((1, *self.output_shape[:2], 1), np.int64)
        image = np.ones((1, *self.input_shape[:2], 1), np.int8)
        for _, _, seen in taps(image, self.window, self.output_shape, 0):
            counts += seen
        means = np.sign(sums) * ((np.abs(sums) + counts // 2) // counts)
        output: Codes = np.clip(means, self.activation_min, self.activation_max).astype(np.int8)
        return output
