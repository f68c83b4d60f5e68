"""SQUARED_DIFFERENCE: both inputs are rescaled to a common fine scale; the square of their difference is rescaled."""

from dataclasses import dataclass
from typing import Self

import numpy as np

from edge_nas.int8.arithmetic import INT8_MAX, INT8_MIN, Multiplier, multiply
from edge_nas.int8.kinds import SchemaOptions, register
from edge_nas.int8.operands import Codes, Operands, ParsedOperator
from edge_nas.int8.operators.broadcasting import aligned, parse_pair

# So that a square, below 255^2 * 2^14, has 31 bits (TFLite: squared_difference.cc).
LEFT_SHIFT = 7


@register("SQUARED_DIFFERENCE", options=SchemaOptions("SquaredDifferenceOptions"))
@dataclass(frozen=True, eq=False, kw_only=True)
class SquaredDifference(ParsedOperator):
    """output = clip(M * (M1 * ((a - z1) << 7) - M2 * ((b - z2) << 7))^2 + z, -128, 127).

    Each `M *` rounds as `arithmetic.multiply` does.

    Attributes:
        input_zero_points: z1 and z2.
        input_multipliers: M1 and M2, each the input's scale over twice the larger of the two scales.
        output_multiplier: M.
        output_zero_point: z.
    """

    input_zero_points: tuple[int, int]
    input_multipliers: tuple[Multiplier, Multiplier]
    output_multiplier: Multiplier
    output_zero_point: int

    @classmethod
    def parse(cls, operands: Operands) -> Self:
        """Returns the squared difference that an operator describes.

        Raises:
            ArtifactError: anything about it is not supported.
        """
        first, second, output = parse_pair(operands)
        twice_larger = 2 * max(first.scale, second.scale)
        return cls(
            **operands.wiring((first, second), output),
            input_zero_points=(first.zero_point, second.zero_point),
            input_multipliers=(
                operands.multiplier(first.scale / twice_larger),
                operands.multiplier(second.scale / twice_larger),
            ),
            output_multiplier=operands.multiplier(twice_larger**2 / (2 ** (2 * LEFT_SHIFT) * output.scale)),
            output_zero_point=output.zero_point,
        )

    def run(self, first: Codes, second: Codes) -> Codes:
        """Returns the output codes (N, ...) for two inputs (N, ...), of which a constant has N = 1."""
        scaled = [
            multiply((aligned(codes, self.output_shape).astype(np.int64) - zero_point) << LEFT_SHIFT, multiplier)
            for codes, zero_point, multiplier in zip(
                (first, second), self.input_zero_points, self.input_multipliers, strict=True
            )
        ]
        raw = multiply((scaled[0] - scaled[1]) ** 2, self.output_multiplier) + self.output_zero_point
        output: Codes = np.clip(raw, INT8_MIN, INT8_MAX).astype(np.int8)
        return output
