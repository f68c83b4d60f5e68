"""ADD and SUB: both inputs are rescaled to a common fine scale, added or subtracted, and rescaled to the output's."""

from dataclasses import dataclass
from typing import Self

import numpy as np

from edge_nas.int8.arithmetic import Multiplier, multiply
from edge_nas.int8.kinds import SchemaOptions, register
from edge_nas.int8.operands import FUSED_ACTIVATION, Codes, Operands, ParsedOperator
from edge_nas.int8.operators.broadcasting import aligned, parse_pair

LEFT_SHIFT = 20


@register("ADD", options=SchemaOptions("AddOptions", (*FUSED_ACTIVATION, "PotScaleInt16")))
@register("SUB", options=SchemaOptions("SubOptions", (*FUSED_ACTIVATION, "PotScaleInt16")))
@dataclass(frozen=True, eq=False, kw_only=True)
class Addition(ParsedOperator):
    """output = clip(M * (M1 * ((a - z1) << 20) ± M2 * ((b - z2) << 20)) + z, activation_min, activation_max).

    Each `M *` rounds as `arithmetic.multiply` does; all three factors are below 1, so every step fits into 32 bits.

    Attributes:
        subtract: True for SUB.
        input_zero_points: z1 and z2.
        input_multipliers: M1 and M2, each the input's scale over twice the larger of the two scales.
        output_multiplier: M.
        output_zero_point: z.
        activation_min, activation_max: the smallest and largest code.
    """

    subtract: bool
    input_zero_points: tuple[int, int]
    input_multipliers: tuple[Multiplier, Multiplier]
    output_multiplier: Multiplier
    output_zero_point: int
    activation_min: int
    activation_max: int

    @classmethod
    def parse(cls, operands: Operands) -> Self:
        """Returns the addition or subtraction that an operator describes.

        Raises:
            ArtifactError: the output's scale is far finer than the inputs', or anything else that is not supported.
        """
        first, second, output = parse_pair(operands)
        low, high = operands.fused_range(output)
        twice_larger = 2 * max(first.scale, second.scale)
        factor = twice_larger / (2**LEFT_SHIFT * output.scale)
        if factor >= 1:
            raise operands.refusal(
                f"the output's scale {output.scale} is too fine for the inputs' {first.scale} and {second.scale}; "
                f"supported: above 2 ** -{LEFT_SHIFT - 1} times the larger"
            )
        return cls(
            **operands.wiring((first, second), output),
            subtract=operands.kind == "SUB",
            input_zero_points=(first.zero_point, second.zero_point),
            input_multipliers=(
                operands.multiplier(first.scale / twice_larger),
                operands.multiplier(second.scale / twice_larger),
            ),
            output_multiplier=operands.multiplier(factor),
            output_zero_point=output.zero_point,
            activation_min=low,
            activation_max=high,
        )

    def run(self, first: Codes, second: Codes) -> Codes:
        """Returns the output codes (N, ...) for two inputs (N, ...), of which a constant has N = 1."""
        scaled = [
            multiply((aligned(codes, self.output_shape).astype(np.int64) - zero_point) << LEFT_SHIFT, multiplier)
            for codes, zero_point, multiplier in zip(
                (first, second), self.input_zero_points, self.input_multipliers, strict=True
            )
        ]
        total = scaled[0] - scaled[1] if self.subtract else scaled[0] + scaled[1]
        raw = multiply(total, self.output_multiplier) + self.output_zero_point
        output: Codes = np.clip(raw, self.activation_min, self.activation_max).astype(np.int8)
        return output
