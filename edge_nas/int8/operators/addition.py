"""ADD and SUB: both inputs are rescaled to a common fine scale, added or subtracted, and rescaled to the output's."""

from dataclasses import dataclass

import numpy as np

from edge_nas.int8.arithmetic import Multiplier, multiply
from edge_nas.int8.graph import Int8Graph, Operator
from edge_nas.int8.operators.broadcasting import aligned, parse_pair
from edge_nas.int8.operators.operands import Codes, Operands, ParsedOperator

LEFT_SHIFT = 20


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


def parse(graph: Int8Graph, operator: Operator) -> Addition:
    """Returns the addition or subtraction that an operator describes.

    Raises:
        ArtifactError: the output's scale is far finer than the inputs', or anything else that is not supported.
    """
    operands = Operands(graph, operator)
    first, second, output = parse_pair(operands)
    low, high = operands.fused_range(output)
    twice_larger = 2 * max(first.scale, second.scale)
    factor = twice_larger / (2**LEFT_SHIFT * output.scale)
    if factor >= 1:
        raise operands.refusal(
            f"the output's scale {output.scale} is too fine for the inputs' {first.scale} and {second.scale}; "
            f"supported: above 2 ** -{LEFT_SHIFT - 1} times the larger"
        )
    return Addition(
        **operands.wiring((first, second), output),
        subtract=operator.kind == "SUB",
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


def run(operator: Addition, first: Codes, second: Codes) -> Codes:
    """Returns the output codes (N, ...) for two inputs (N, ...), of which a constant has N = 1."""
    scaled = [
        multiply((aligned(codes, operator.output_shape).astype(np.int64) - zero_point) << LEFT_SHIFT, multiplier)
        for codes, zero_point, multiplier in zip(
            (first, second), operator.input_zero_points, operator.input_multipliers, strict=True
        )
    ]
    total = scaled[0] - scaled[1] if operator.subtract else scaled[0] + scaled[1]
    raw = multiply(total, operator.output_multiplier) + operator.output_zero_point
    output: Codes = np.clip(raw, operator.activation_min, operator.activation_max).astype(np.int8)
    return output
