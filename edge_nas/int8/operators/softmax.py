"""SOFTMAX over the last dimension, in fixed point as gemmlowp and TFLite's reference compute it."""

import math
from dataclasses import dataclass
from typing import Self

import numpy as np

from edge_nas.int8.arithmetic import (
    INT8_MAX,
    INT8_MIN,
    INT16_MAX,
    INT16_MIN,
    INT32_MAX,
    Integers,
    Multiplier,
    doubling_high_multiply,
    rounding_shift_right,
)
from edge_nas.int8.kinds import SchemaOptions, register
from edge_nas.int8.operands import Codes, Operands, ParsedOperator, Stored

# Integer bits of the differences that are exponentiated, and of the sum of exponentials (TFLite's
# kScaledDiffIntegerBits and kAccumulationIntegerBits).
_DIFFERENCE_BITS = 5
_DIFFERENCE_FRACTION_BITS = 31 - _DIFFERENCE_BITS
SUM_BITS = 12
# Sums of exponentials stay below 2 ** 31. The reference kernels stop already where a sum reaches 512, which takes as
# many classes that are alike: every share there is below half of 1/256, so that its code is -128.
_MOST_CLASSES = 4095


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
        if classes > _MOST_CLASSES:
            raise operands.refusal(f"{classes} classes; at most {_MOST_CLASSES} are supported")
        multiplier = _difference_multiplier(operands, source.scale)
        return cls(**operands.wiring((source,), output), exponentials=_exponentials(multiplier), output_bits=bits)

    def run(self, codes: Codes) -> Stored:
        """Returns the output codes (N, ...) for input codes (N, ...)."""
        rows = codes.reshape(len(codes), *(self.input_shape or (1,))).astype(np.int64)
        below_largest = rows.max(axis=-1, keepdims=True) - rows
        exponentials = self.exponentials.astype(np.int64)[below_largest]
        sums = rounding_shift_right(exponentials, SUM_BITS).sum(axis=-1, keepdims=True)
        # The sum in [2 ** k, 2 ** (k + 1)) is shifted to [1, 2) with 31 fractional bits; frexp counts its bits exactly.
        bits = np.frexp(sums.astype(np.float64))[1].astype(np.int64)
        reciprocal = _reciprocal((sums << (32 - bits)) - 2**31)
        # From the sum's shift and 31 fractional bits to the 8 of an output of scale 1/256.
        shift = SUM_BITS - (32 - bits) + 31 - self.output_bits
        shares = rounding_shift_right(doubling_high_multiply(reciprocal, exponentials), shift)
        if self.output_bits > 8:
            return np.clip(shares + INT16_MIN, INT16_MIN, INT16_MAX).astype(np.int16).reshape(codes.shape)
        return np.clip(shares + INT8_MIN, INT8_MIN, INT8_MAX).astype(np.int8).reshape(codes.shape)


def _difference_multiplier(operands: Operands, scale: float) -> Multiplier:
    """Returns the factor from a difference of two codes to its value times beta, with 26 fractional bits.

    As in TFLite's PreprocessSoftmaxScaling, a factor that does not fit into 31 bits becomes the largest that does.
    """
    beta = operands.real_option("Beta")
    factor = min(beta * scale * 2**_DIFFERENCE_FRACTION_BITS, 2**31 - 1.0)
    if not factor > 1:
        raise operands.refusal(f"the option Beta, {beta}, times the input's scale {scale} is too small")
    return operands.multiplier(factor)


def _exponentials(multiplier: Multiplier) -> np.ndarray:
    """Returns exp(-d * factor) with 31 fractional bits for differences d from 0 to 255, (256,) int32, read-only."""
    differences = -np.arange(256, dtype=np.int64)
    # Differences beyond this radius would leave 32 bits; their exponential counts as 0 (TFLite: CalculateInputRadius).
    radius = math.floor((2**_DIFFERENCE_BITS - 1) * 2**_DIFFERENCE_FRACTION_BITS / 2**multiplier.shift)
    counted = differences >= -radius
    rescaled = doubling_high_multiply(np.where(counted, differences, 0) << multiplier.shift, multiplier.value)
    exponentials = np.where(counted, _exponential(rescaled), 0).astype(np.int32)
    exponentials.flags.writeable = False
    return exponentials


def _exponential(values: Integers) -> Integers:
    """Returns exp(x) with 31 fractional bits for x in (-32, 0] with 26 (gemmlowp: exp_on_negative_values)."""
    quarter = 1 << (_DIFFERENCE_FRACTION_BITS - 2)
    fraction = (values & (quarter - 1)) - quarter  # in [-1/4, 0)
    result = _exponential_of_quarter(fraction << _DIFFERENCE_BITS)
    rest = fraction - values  # a multiple of 1/4, whose bits choose among exp(-1/4), exp(-1/2), exp(-1), ...
    for power in range(-2, _DIFFERENCE_BITS):
        bit = 1 << (_DIFFERENCE_FRACTION_BITS + power)
        result = np.where(rest & bit, doubling_high_multiply(result, _fixed(math.exp(-(2.0**power)))), result)
    exponential: Integers = np.where(values == 0, INT32_MAX, result)
    return exponential


def _exponential_of_quarter(values: Integers) -> Integers:
    """Returns exp(x) for x in [-1/4, 0), both with 31 fractional bits: the Taylor polynomial of degree 4 at -1/8."""
    at_eighth = _fixed(math.exp(-1 / 8))
    x = values + (1 << 28)
    x2 = doubling_high_multiply(x, x)
    x3 = doubling_high_multiply(x2, x)
    quarter_x4 = rounding_shift_right(doubling_high_multiply(x2, x2), 2)
    third = doubling_high_multiply(quarter_x4 + x3, _fixed(1 / 3))
    return at_eighth + doubling_high_multiply(x + rounding_shift_right(third + x2, 1), at_eighth)


def _reciprocal(values: Integers) -> Integers:
    """Returns 1 / (1 + x) for x in [0, 1), both with 31 fractional bits: three Newton-Raphson steps.

    Inside, numbers have 29 fractional bits; the first guess is 48/17 - 32/17 * d for d = (1 + x) / 2
    (gemmlowp: one_over_one_plus_x_for_x_in_0_1).
    """
    half_denominator = (values + INT32_MAX + 1) // 2
    guess = _fixed(48 / 17, 29) + doubling_high_multiply(half_denominator, _fixed(-32 / 17, 29))
    for _ in range(3):
        error = (1 << 29) - doubling_high_multiply(half_denominator, guess)
        guess = guess + (doubling_high_multiply(guess, error) << 2)
    result: Integers = np.minimum(guess << 1, INT32_MAX)
    return result


def _fixed(value: float, fraction_bits: int = 31) -> int:
    """Returns a real constant with so many fractional bits, to the nearest."""
    return round(value * (1 << fraction_bits))
