"""ADD, SUB and MUL on int16 codes, of one shape or one spread over the other."""

import math
from dataclasses import dataclass
from typing import Self

import numpy as np

from edge_nas.int8.arithmetic import Multiplier, multiply
from edge_nas.int8.kinds import register_short
from edge_nas.int8.operands import Operands, ParsedOperator, Stored, single_factor
from edge_nas.int8.operators import addition, multiplication  # noqa: F401 - which name the kinds
from edge_nas.int8.operators.broadcasting import aligned, parse_pair

LEFT_SHIFT = 15


@register_short("ADD", "SUB")
@dataclass(frozen=True, eq=False, kw_only=True)
class ShortAddition(ParsedOperator):
    """output = clip(M * (M1 * (a << 15) ± M2 * (b << 15)), activation_min, activation_max).

    Attributes:
        subtract: True for SUB.
        input_multipliers: M1 and M2, each the input's scale over twice the larger of the two scales.
        output_multiplier: M.
        activation_min, activation_max: the smallest and largest code.
    """

    subtract: bool
    input_multipliers: tuple[Multiplier, Multiplier]
    output_multiplier: Multiplier
    activation_min: int
    activation_max: int

    @classmethod
    def parse(cls, operands: Operands) -> Self:
        """Returns the addition or subtraction that an operator describes.

        Raises:
            ArtifactError: scales that are powers of two, which older files add by shifts, or anything else that is not
                supported.
        """
        first, second, output = parse_pair(operands, ("int16",))
        scales = (first.scale, second.scale, output.scale)
        if operands.option("PotScaleInt16") and all(math.frexp(scale)[0] == 0.5 for scale in scales):
            raise operands.refusal(f"its scales {scales} are powers of two, and it asks for shifts; convert it anew")
        low, high = operands.fused_range(output)
        twice_larger = 2 * max(first.scale, second.scale)
        factor = twice_larger / (2**LEFT_SHIFT * output.scale)
        if factor >= 1:
            raise operands.refusal(f"the output's scale {output.scale} is too fine for the inputs' {scales[:2]}")
        return cls(
            **operands.wiring((first, second), output),
            subtract=operands.kind == "SUB",
            input_multipliers=(
                operands.multiplier(first.scale / twice_larger),
                operands.multiplier(second.scale / twice_larger),
            ),
            output_multiplier=operands.multiplier(factor),
            activation_min=low,
            activation_max=high,
        )

    def run(self, first: Stored, second: Stored) -> Stored:
        """Returns the output codes (N, ...) for two inputs (N, ...), of which a constant has N = 1."""
        a, b = (
            multiply(aligned(codes, self.output_shape).astype(np.int64) << LEFT_SHIFT, multiplier)
            for codes, multiplier in zip((first, second), self.input_multipliers, strict=True)
        )
        raw = multiply(a - b if self.subtract else a + b, self.output_multiplier)
        return np.clip(raw, self.activation_min, self.activation_max).astype(np.int16)


@register_short("MUL")
@dataclass(frozen=True, eq=False, kw_only=True)
class ShortMultiplication(ParsedOperator):
    """output = clip(multiplier * (a * b), activation_min, activation_max).

    Attributes:
        multiplier: the product of the inputs' scales over the output's.
        activation_min, activation_max: the smallest and largest code.
    """

    multiplier: Multiplier
    activation_min: int
    activation_max: int

    @classmethod
    def parse(cls, operands: Operands) -> Self:
        """Returns the multiplication that an operator describes.

        Raises:
            ArtifactError: anything about it is not supported.
        """
        first, second, output = parse_pair(operands, ("int16",))
        low, high = operands.fused_range(output)
        return cls(
            **operands.wiring((first, second), output),
            multiplier=operands.multiplier(single_factor(first.scale, second.scale, output.scale)),
            activation_min=low,
            activation_max=high,
        )

    def run(self, first: Stored, second: Stored) -> Stored:
        """Returns the output codes (N, ...) for two inputs (N, ...), of which a constant has N = 1."""
        a, b = (aligned(codes, self.output_shape).astype(np.int64) for codes in (first, second))
        return np.clip(multiply(a * b, self.multiplier), self.activation_min, self.activation_max).astype(np.int16)
