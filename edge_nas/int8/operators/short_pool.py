"""AVERAGE_POOL_2D and MAX_POOL_2D on int16 codes."""

from dataclasses import dataclass
from typing import Self

import numpy as np

from edge_nas.int8.arithmetic import INT16_MIN
from edge_nas.int8.kinds import register_short
from edge_nas.int8.operands import Operands, Stored
from edge_nas.int8.operators import average_pool, max_pool  # noqa: F401 - which name the kinds
from edge_nas.int8.operators.pool import Pool
from edge_nas.int8.operators.window import taps


@register_short("AVERAGE_POOL_2D", "MAX_POOL_2D")
@dataclass(frozen=True, eq=False, kw_only=True)
class ShortPool(Pool):
    """The mean, halves away from zero, or the largest of the codes inside the window and the image, then clipped.

    Attributes:
        largest: whether it is the largest.
    """

    largest: bool

    @classmethod
    def parse(cls, operands: Operands) -> Self:
        """Returns the pooling that an operator describes.

        Raises:
            ArtifactError: anything about it is not supported.
        """
        return cls(**cls.fields(operands, "int16"), largest=operands.kind == "MAX_POOL_2D")

    def run(self, codes: Stored) -> Stored:
        """Returns the output codes (N, OH, OW, C) for input codes (N, H, W, C)."""
        wide = codes.astype(np.int64)
        found = np.full((len(codes), *self.output_shape), INT16_MIN if self.largest else 0, np.int64)
        for _, _, seen in taps(wide, self.window, self.output_shape, INT16_MIN if self.largest else 0):
            found = np.maximum(found, seen) if self.largest else found + seen
        if not self.largest:
            counts = np.zeros((1, *self.output_shape[:2], 1), np.int64)
            for _, _, inside in taps(np.ones((1, *self.input_shape[:2], 1)), self.window, self.output_shape, 0):
                counts += inside.astype(np.int64)
            found = np.sign(found) * ((np.abs(found) + counts // 2) // counts)
        return np.clip(found, self.activation_min, self.activation_max).astype(np.int16)
