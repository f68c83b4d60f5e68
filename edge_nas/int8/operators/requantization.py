"""QUANTIZE from int8 to int8: the same numbers in another scale and zero point."""

from dataclasses import dataclass
from typing import Self

import numpy as np

from edge_nas.int8.arithmetic import INT8_MAX, INT8_MIN, Multiplier, multiply
from edge_nas.int8.kinds import SchemaOptions, register
from edge_nas.int8.operands import Codes, Operands, ParsedOperator


@register("QUANTIZE", options=SchemaOptions("QuantizeOptions"))
@dataclass(frozen=True, eq=False, kw_only=True)
class Requantization(ParsedOperator):
    """output = clip(multiplier * (code - input_zero_point) + output_zero_point, -128, 127).

    Attributes:
        multiplier: the input's scale over the output's.
        input_zero_point, output_zero_point: in [-128, 127].
    """

    multiplier: Multiplier
    input_zero_point: int
    output_zero_point: int

    @classmethod
    def parse(cls, operands: Operands) -> Self:
        """Returns the requantization that an operator describes.

        Raises:
            ArtifactError: another dtype than int8 at either end, or anything else that is not supported.
        """
        operands.expect_inputs(1, 1)
        source = operands.activation(0)
        output = operands.output(shape=source.shape)
        return cls(
            **operands.wiring((source,), output),
            multiplier=operands.multiplier(source.scale / output.scale),
            input_zero_point=source.zero_point,
            output_zero_point=output.zero_point,
        )

    def run(self, codes: Codes) -> Codes:
        """Returns the output codes (N, ...) for input codes (N, ...)."""
        raw = multiply(codes.astype(np.int64) - self.input_zero_point, self.multiplier) + self.output_zero_point
        output: Codes = np.clip(raw, INT8_MIN, INT8_MAX).astype(np.int8)
        return output
