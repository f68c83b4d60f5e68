"""QUANTIZE from int16 to int16: the same numbers in another scale."""

from dataclasses import dataclass
from typing import Self

import numpy as np

from edge_nas.int8.arithmetic import INT16_MAX, INT16_MIN, Multiplier, multiply
from edge_nas.int8.kinds import register_short
from edge_nas.int8.operands import Operands, ParsedOperator, Stored
from edge_nas.int8.operators import requantization  # noqa: F401 - which names the kind


@register_short("QUANTIZE")
@dataclass(frozen=True, eq=False, kw_only=True)
class ShortRequantization(ParsedOperator):
    """output = clip(multiplier * code, -32768, 32767).

    Attributes:
        multiplier: the input's scale over the output's.
    """

    multiplier: Multiplier

    @classmethod
    def parse(cls, operands: Operands) -> Self:
        """Returns the requantization that an operator describes.

        Raises:
            ArtifactError: another dtype than int16 at either end, or anything else that is not supported.
        """
        operands.expect_inputs(1, 1)
        source = operands.short(0)
        output = operands.short_output(shape=source.shape)
        multiplier = operands.multiplier(source.scale / output.scale)
        return cls(**operands.wiring((source,), output), multiplier=multiplier)

    def run(self, codes: Stored) -> Stored:
        """Returns the output codes (N, ...) for input codes (N, ...)."""
        return np.clip(multiply(codes.astype(np.int64), self.multiplier), INT16_MIN, INT16_MAX).astype(np.int16)
