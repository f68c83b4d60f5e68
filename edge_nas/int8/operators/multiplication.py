"""MUL: the product of two tensors, element by element."""

from dataclasses import dataclass
from typing import Self

import numpy as np

from edge_nas.int8.arithmetic import Multiplier, multiply
from edge_nas.int8.kinds import SchemaOptions, register
from edge_nas.int8.operands import FUSED_ACTIVATION, Codes, Operands, ParsedOperator, single_factor
from edge_nas.int8.operators.broadcasting import aligned, parse_pair


@register("MUL", options=SchemaOptions("MulOptions", FUSED_ACTIVATION))
@dataclass(frozen=True, eq=False, kw_only=True)
class Multiplication(ParsedOperator):
    """output = clip(multiplier * ((a - z1) * (b - z2)) + z, activation_min, activation_max).

    Attributes:
        input_zero_points: z1 and z2.
        multiplier: the product of the inputs' scales over the output's.
        output_zero_point: z.
        activation_min, activation_max: the smallest and largest code.
    """

    input_zero_points: tuple[int, int]
    multiplier: Multiplier
    output_zero_point: int
    activation_min: int
    activation_max: int

    @classmethod
    def parse(cls, operands: Operands) -> Self:
        """Returns the multiplication that an operator describes.

        Raises:
            ArtifactError: anything about it is not supported.
        """
        first, second, output = parse_pair(operands)
        low, high = operands.fused_range(output)
        return cls(
            **operands.wiring((first, second), output),
            input_zero_points=(first.zero_point, second.zero_point),
            multiplier=operands.multiplier(single_factor(first.scale, second.scale, output.scale)),
            output_zero_point=output.zero_point,
            activation_min=low,
            activation_max=high,
        )

    def run(self, first: Codes, second: Codes) -> Codes:
        """Returns the output codes (N, ...) for two inputs (N, ...), of which a constant has N = 1."""
        a, b = (
            aligned(codes, self.output_shape).astype(np.int64) - zero_point
            for codes, zero_point in zip((first, second), self.input_zero_points, strict=True)
        )
        raw = multiply(a * b, self.multiplier) + self.output_zero_point
        output: Codes = np.clip(raw, self.activation_min, self.activation_max).astype(np.int8)
        return output
