"""SOFTMAX over the last dimension, in fixed point as gemmlowp and TFLite's reference compute it."""

from dataclasses import dataclass
from typing import Self

import numpy as np

from edge_nas.int8.arithmetic import (
    INT8_MAX,
    INT8_MIN,
    INT16_MAX,
    INT16_MIN,
    Multiplier,
    doubling_high_multiply,
    rounding_shift_right,
)
from edge_nas.int8.fixed32 import DIFFERENCE_FRACTION_BITS, SUM_BITS, exponentials, reciprocal
from edge_nas.int8.kinds import SchemaOptions, register
from edge_nas.int8.operands import Codes, Operands, ParsedOperator, Stored

# Sums of exponentials stay below 2 ** 31. The reference kernels stop already where a sum reaches 512, which takes as
# many classes that are alike: every share there is below half of 1/256, so that its code is -128.
MOST_CLASSES = 4095


@register("SOFTMAX", options=SchemaOptions("SoftmaxOptions", reals=("Beta",)))
@dataclass(frozen=True, eq=False, kw_only=True)
class Softmax(ParsedOperator):
    """exp(x) / sum of exp(x), over the last dimension.

    Attributes:
        exponentials: (256,) int32, read-only. Entry d is exp(-beta * scale * d) with 31 fractional bits, for a code d
            below the largest of its row; 0 where that is too small to count.
        output_bits: of a code of the output, 8 or 16: the smallest stands for 0, and one more than the largest for 1.
    """

    exponentials: np.ndarray
    output_bits: int

    @classmethod
    def parse(cls, operands: Operands) -> Self:
        """Returns the softmax that an operator describes.

        Raises:
            ArtifactError: another output scale than 1 / 256 or zero point than -128 (1 / 65536 and -32768 for an output
                of int16), or anything else that is not supported.
        """
        operands.expect_inputs(1, 1)
        source = operands.activation(0)
        output = operands.output(shape=source.shape, dtypes=("int8", "int16"))
        zero_point, bits = (INT8_MIN, 8) if output.dtype == "int8" else (INT16_MIN, 16)
        if output.zero_point != zero_point or abs(output.scale * 2**bits - 1) > 1e-3:
            raise operands.refusal(
                f"the output has scale {output.scale} and zero point {output.zero_point}; supported: 1/{2**bits} and "
                f"{zero_point}"
            )
        classes = source.shape[-1] if source.shape else 1
        if classes > MOST_CLASSES:
            raise operands.refusal(f"{classes} classes; at most {MOST_CLASSES} are supported")
        multiplier = difference_multiplier(operands, operands.real_option("Beta"), source.scale)
        return cls(**operands.wiring((source,), output), exponentials=exponentials(multiplier), output_bits=bits)

    def run(self, codes: Codes) -> Stored:
        """Returns the output codes (N, ...) for input codes (N, ...)."""
        rows = codes.reshape(len(codes), *(self.input_shape or (1,))).astype(np.int64)
        below_largest = rows.max(axis=-1, keepdims=True) - rows
        terms = self.exponentials.astype(np.int64)[below_largest]
        sums = rounding_shift_right(terms, SUM_BITS).sum(axis=-1, keepdims=True)
        # The sum in [2 ** k, 2 ** (k + 1)) is shifted to [1, 2) with 31 fractional bits; frexp counts its bits exactly.
        bits = np.frexp(sums.astype(np.float64))[1].astype(np.int64)
        inverse = reciprocal((sums << (32 - bits)) - 2**31)
        # From the sum's shift and 31 fractional bits to the 8 of an output of scale 1/256.
        shift = SUM_BITS - (32 - bits) + 31 - self.output_bits
        shares = rounding_shift_right(doubling_high_multiply(inverse, terms), shift)
        if self.output_bits > 8:
            return np.clip(shares + INT16_MIN, INT16_MIN, INT16_MAX).astype(np.int16).reshape(codes.shape)
        return np.clip(shares + INT8_MIN, INT8_MIN, INT8_MAX).astype(np.int8).reshape(codes.shape)


def difference_multiplier(operands: Operands, beta: float, scale: float) -> Multiplier:
    """Returns the factor from a difference of two codes to its value times beta, with 26 fractional bits.

    As in TFLite's PreprocessSoftmaxScaling, a factor that does not fit into 31 bits becomes the largest that does.
    """
    factor = min(beta * scale * 2**DIFFERENCE_FRACTION_BITS, 2**31 - 1.0)
    if not factor > 1:
        raise operands.refusal(f"beta, {beta}, times the input's scale {scale} is too small")
    return operands.multiplier(factor)
