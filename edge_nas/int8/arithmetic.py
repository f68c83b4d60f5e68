"""Between real numbers and int8 codes, real = scale * (code - zero_point), and fixed-point arithmetic on integers.

The fixed-point functions work on int64 arrays that hold 32-bit values, and round exactly as TFLite's reference kernels.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

INT8_MIN, INT8_MAX = -128, 127
INT16_MIN, INT16_MAX = -(2**15), 2**15 - 1
INT32_MAX = 2**31 - 1

# Two codes differ by at most 255: a product that is larger is clipped, however large.
_LARGEST_PRODUCT = 256

Integers = npt.NDArray[np.int64]


def quantize(
    values: npt.NDArray[np.floating], scale: float, zero_point: int, dtype: str = "int8"
) -> npt.NDArray[np.signedinteger[Any]]:
    """Returns clip(round(values / scale) + zero_point, -128, 127) as int8, the rule of the TFLite QUANTIZE operator.

    The quotient is taken in float32 and rounded to the nearest integer, halves away from zero (C's `round`, unlike
    `numpy.round`, which takes halves to even).

    Args:
        values: finite reals of any shape.
        scale: size of one step, > 0.
        zero_point: the code that stands for 0.0, in [-128, 127].
        dtype: int8, or int16, whose range is taken then.

    Raises:
        ValueError: a value is NaN or infinite, for which no code exists.
    """
    if not np.isfinite(values).all():
        raise ValueError("cannot quantize: the values hold NaN or infinity")
    # float64 from here on: in float32, 0.49999997 + 0.5 would already be 1.0.
    quotient = (values.astype(np.float32) / np.float32(scale)).astype(np.float64)
    rounded = np.copysign(np.floor(np.abs(quotient) + 0.5), quotient)
    info = np.iinfo(dtype)
    codes: npt.NDArray[np.signedinteger[Any]] = np.clip(rounded + zero_point, info.min, info.max).astype(dtype)
    return codes


def dequantize(codes: npt.NDArray[np.integer], scale: float, zero_point: int) -> npt.NDArray[np.float32]:
    """Returns scale * (codes - zero_point) as float32, of the shape of `codes`."""
    return (codes.astype(np.float32) - np.float32(zero_point)) * np.float32(scale)


@dataclass(frozen=True)
class Multiplier:
    """A positive real factor in fixed point: factor = value * 2 ** (shift - 31).

    Attributes:
        value: 0 (a factor below 2 ** -32) or in [2 ** 30, 2 ** 31).
        shift: in [-31, 31]; positive shifts to the left before the multiplication.
    """

    value: int
    shift: int

    @property
    def factor(self) -> float:
        """The real factor."""
        return self.value * 2.0 ** (self.shift - 31)


def quantize_multiplier(factor: float) -> Multiplier:
    """Returns the fixed-point form of a factor, rounded to 31 bits, halves away from zero (TFLite: QuantizeMultiplier).

    Raises:
        ValueError: the factor is negative, not finite, or 2 ** 31 and above, for which no shift of 32 bits exists.
    """
    if not (math.isfinite(factor) and 0 <= factor <= 2**31 - 1):
        raise ValueError(f"the factor {factor} has no fixed-point form; allowed: 0 to below 2 ** 31")
    fraction, shift = math.frexp(factor)
    value = math.floor(fraction * 2**31 + 0.5)
    if value == 2**31:
        value, shift = 2**30, shift + 1
    return Multiplier(0, 0) if shift < -31 else Multiplier(value, shift)


def doubling_high_multiply(a: Integers, b: Integers | int) -> Integers:
    """Returns a * b / 2 ** 31 rounded to the nearest integer, halves upwards, as int64.

    gemmlowp calls it SaturatingRoundingDoublingHighMul. It saturates (-2 ** 31) * (-2 ** 31), the one product that
    does not fit; no multiplier is ever negative and no constant is -2 ** 31, so that does not arise here.

    Args:
        a: integers in [-2 ** 31, 2 ** 31), int64.
        b: the same, of a shape that broadcasts with `a`.
    """
    return (a * b + 2**30) >> 31


def rounding_shift_right(values: Integers, exponent: Integers | int) -> Integers:
    """Returns values / 2 ** exponent rounded to the nearest integer, halves away from zero, as int64.

    gemmlowp calls it RoundingDivideByPOT.

    Args:
        values: integers in [-2 ** 31, 2 ** 31), int64.
        exponent: in [0, 31], of a shape that broadcasts with `values`.
    """
    half = (np.int64(1) << exponent) >> 1
    # values >> 63 is -1 below zero, so that halves there are rounded down.
    negative = (values >> 63) & -np.asarray(half > 0, np.int64)
    result: Integers = (values + half + negative) >> exponent
    return result


def wrap_int32(values: Integers) -> Integers:
    """Returns the values modulo 2 ** 32, in [-2 ** 31, 2 ** 31), as int64: what a 32-bit register keeps of them."""
    return values.astype(np.int32).astype(np.int64)


def multiply(values: Integers, multiplier: Multiplier) -> Integers:
    """Returns values * factor, rounded twice, as int64 (TFLite: MultiplyByQuantizedMultiplier with double rounding).

    The product is rounded to 32 bits first and once more by the shift to the right. A left shift happens before, in
    32 bits: what does not fit wraps around.

    Args:
        values: integers in [-2 ** 31, 2 ** 31), int64.
        multiplier: one factor for all values.
    """
    return multiply_channels(values, (multiplier,))


def multiply_channels(values: Integers, multipliers: Sequence[Multiplier]) -> Integers:
    """Returns values * factor as `multiply` does, with one factor per entry of the last axis (or one for all)."""
    value = np.array([multiplier.value for multiplier in multipliers], np.int64)
    shift = np.array([multiplier.shift for multiplier in multipliers], np.int64)
    left, right = np.maximum(shift, 0), np.maximum(-shift, 0)
    shifted = wrap_int32(values << left) if left.any() else values
    return rounding_shift_right(doubling_high_multiply(shifted, value), right)


@dataclass(frozen=True)
class SingleMultiplier:
    """A positive real factor in fixed point, with one rounding: (integer * value + 2 ** (shift - 1)) >> shift.

    Attributes:
        value: at least 0; its products with all integers it is made for fit into 63 bits.
        shift: at least 1.
    """

    value: int
    shift: int


def wide_multiplier(multiplier: Multiplier) -> SingleMultiplier:
    """Returns a factor of 15 bits for sums of 48 (TFLite: MultiplyByQuantizedMultiplier of an int64)."""
    value = (multiplier.value + (1 << 15)) >> 16 if multiplier.value < 0x7FFF0000 else 0x7FFF
    return SingleMultiplier(value, 15 - multiplier.shift)


def single_multiplier(factor: float, largest: int) -> SingleMultiplier:
    """Returns fixed point that agrees with C's round(integer * factor) in float64 for all abs(integer) <= largest.

    Rounded products of 256 and more only agree in being that large: codes are clipped long before.

    Both are staircases, which agree if they go up at the same integers. The reference goes from k - 1 to k at some
    integer a(k). Fixed point with the value v does so as well if

        a(k) * v  >  (2 * k - 1) * 2 ** (shift - 1)  >=  (a(k) - 1) * v

    which leaves an interval of values around factor * 2 ** shift. It holds for positive and negative integers (`round`
    is odd; `>>` rounds halves upwards, hence the strict inequality). The fewest bits that leave a value in the interval
    are taken.

    Args:
        factor: finite and above 0.
        largest: at least 0.

    Raises:
        ValueError: the factor is not finite or positive, or no value of 62 bits agrees.
    """
    if not (math.isfinite(factor) and 0 < factor < 2**31):
        raise ValueError(f"the factor {factor} has no fixed-point form; allowed: above 0 to below 2 ** 31")
    ks, integers = _rises(factor, largest)
    if not len(ks):
        return SingleMultiplier(0, 1)  # every product rounds to 0
    exponent = math.frexp(factor)[1]
    # From values of 30 bits, as many as other multipliers have, to those whose products still fit into 63.
    for shift in range(max(1, 30 - exponent), 62 - exponent - largest.bit_length()):
        halves = (2 * ks - 1) << (shift - 1)  # below 2 * factor * largest * 2 ** (shift - 1), which is below 2 ** 62
        # The smallest value that goes up early enough everywhere; larger ones go up earlier.
        value = int((halves // integers).max()) + 1
        if (value * (integers - 1) <= halves).all():
            return SingleMultiplier(value, shift)
    raise ValueError(f"no fixed-point form of the factor {factor} agrees with float64 on integers up to {largest}")


def _rises(factor: float, largest: int) -> tuple[Integers, Integers]:
    """Returns k and a(k), k from 1 to 256: a(k) is the first integer up to `largest` with round(a * factor) >= k."""
    ks = np.arange(1, _LARGEST_PRODUCT + 1)
    halves = ks - 0.5  # C's round goes up from k - 0.5 on
    # Quotients are off by one or two at most: begin two below, and go up to where the product has arrived.
    integers = np.maximum(np.floor(np.minimum(halves / factor, largest + 1.0)) - 2, 1)
    for _ in range(4):
        integers += integers * factor < halves
    reached = integers <= largest
    return ks[reached], integers[reached].astype(np.int64)


def multiply_once(values: Integers, multipliers: Sequence[SingleMultiplier]) -> Integers:
    """Returns values * factor, rounded once, as int64; one factor per entry of the last axis.

    Args:
        values: (..., channels) int64, each within what its multiplier was made for.
        multipliers: one per channel.
    """
    value = np.array([multiplier.value for multiplier in multipliers], np.int64)
    shift = np.array([multiplier.shift for multiplier in multipliers], np.int64)
    result: Integers = (values * value + (np.int64(1) << (shift - 1))) >> shift
    return result
