"""L2_NORMALIZATION over the last dimension: codes over the square root of the sum of their squares."""

from dataclasses import dataclass
from typing import Self

import numpy as np

from edge_nas.int8.arithmetic import (
    INT8_MAX,
    INT8_MIN,
    INT32_MAX,
    doubling_high_multiply,
    rounding_shift_right,
    wrap_int32,
)
from edge_nas.int8.kinds import SchemaOptions, register
from edge_nas.int8.operands import FUSED_ACTIVATION, Codes, Operands, ParsedOperator
from edge_nas.int8.roots import inverse_square_root

# From shares of the norm to the output's scale, 1 / 128.
OUTPUT_SHIFT = 7


@register("L2_NORMALIZATION", options=SchemaOptions("L2NormOptions", FUSED_ACTIVATION))
@dataclass(frozen=True, eq=False, kw_only=True)
class L2Normalization(ParsedOperator):
    """Each row over its norm.

    Attributes:
        zero_point: of the input.
    """

    zero_point: int

    @classmethod
    def parse(cls, operands: Operands) -> Self:
        """Returns the normalization that an operator describes.

        Raises:
            ArtifactError: another output scale than 1 / 128 or zero point than 0, sums beyond 32 bits, or anything else
                that is not supported.
        """
        operands.expect_inputs(1, 1)
        operands.expect_option(*FUSED_ACTIVATION, 0)
        source = operands.activation(0)
        output = operands.output(shape=source.shape)
        if (output.scale, output.zero_point) != (1 / 128, 0):
            raise operands.refusal(
                f"the output has scale {output.scale} and zero point {output.zero_point}; supported: 1/128 and 0"
            )
        largest = max(INT8_MAX - source.zero_point, source.zero_point - INT8_MIN)
        depth = source.shape[-1] if source.shape else 1
        if depth * largest**2 > INT32_MAX:
            raise operands.refusal(f"sums of {depth} squares of up to {largest} would not fit into 32 bits")
        return cls(**operands.wiring((source,), output), zero_point=source.zero_point)

    def run(self, codes: Codes) -> Codes:
        """Returns the output codes (N, ...) for input codes (N, ...)."""
        rows = codes.reshape(len(codes), *(self.input_shape or (1,))).astype(np.int64) - self.zero_point
        multipliers, shifts = inverse_square_root((rows**2).sum(axis=-1, keepdims=True))
        shifts = shifts + OUTPUT_SHIFT
        shifted = wrap_int32(rows << np.maximum(shifts, 0))
        shares = rounding_shift_right(doubling_high_multiply(shifted, multipliers), np.maximum(-shifts, 0))
        output: Codes = np.clip(shares, INT8_MIN, INT8_MAX).astype(np.int8)
        return output.reshape(codes.shape)
