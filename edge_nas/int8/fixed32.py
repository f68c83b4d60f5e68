"""exp, 1 / (1 + x) and log of 32-bit numbers in fixed point, bit for bit as gemmlowp computes them for SOFTMAX.

A number with so many fractional bits stands for itself divided by two to that power.
"""

import math

import numpy as np

from edge_nas.int8.arithmetic import INT32_MAX, Integers, Multiplier, doubling_high_multiply, rounding_shift_right

# Integer bits of the differences that are exponentiated, and of the sum of exponentials (TFLite's
# kScaledDiffIntegerBits and kAccumulationIntegerBits).
DIFFERENCE_BITS = 5
DIFFERENCE_FRACTION_BITS = 31 - DIFFERENCE_BITS
SUM_BITS = 12


def largest_difference(multiplier: Multiplier) -> int:
    """Returns how far below the largest code another one may be: beyond, it would leave 32 bits (CalculateInputRadius).

    Args:
        multiplier: from a difference of codes to its value with 26 fractional bits.
    """
    return math.floor(math.ldexp(2**DIFFERENCE_BITS - 1, DIFFERENCE_FRACTION_BITS - multiplier.shift))


def exponentials(multiplier: Multiplier) -> np.ndarray:
    """Returns exp(-d * factor) with 31 fractional bits for differences d from 0 to 255, (256,) int32, read-only.

    Beyond `largest_difference` they count as 0.
    """
    differences = -np.arange(256, dtype=np.int64)
    counted = differences >= -largest_difference(multiplier)
    rescaled = doubling_high_multiply(np.where(counted, differences, 0) << multiplier.shift, multiplier.value)
    table = np.where(counted, _exponential(rescaled), 0).astype(np.int32)
    table.flags.writeable = False
    return table


def reciprocal(values: Integers) -> Integers:
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


def logarithm(values: Integers) -> Integers:
    """Returns log(x) with 26 fractional bits for x >= 1 with 19 (TFLite: log_x_for_x_greater_than_or_equal_to_1).

    x is a power of two, or that times sqrt(1/2), times an r near sqrt(sqrt(1/2)); log(r) is a quotient of polynomials
    around that. Inside, sums have 25 fractional bits.
    """
    root, quarter = _fixed(0.5**0.5), 1 << 23
    zeros_a = _leading_zeros(values)
    r_a = np.minimum(doubling_high_multiply(values << (zeros_a - 1), root) << 1, INT32_MAX)
    power_a = ((SUM_BITS - zeros_a) << 25) + quarter
    zeros_b = _leading_zeros(doubling_high_multiply(values, root)) - 1
    r_b = np.minimum(values << zeros_b, INT32_MAX)
    power_b = ((SUM_BITS - zeros_b) << 25) - quarter
    r, power = np.minimum(r_a, r_b), np.maximum(power_a, power_b)
    middle = _fixed(0.5**0.25)
    p, q = (r + middle + 1) >> 1, 2 * (r - middle)
    square = doubling_high_multiply(q, q)
    cube = doubling_high_multiply(q, square)
    numerator = doubling_high_multiply(q, r) + doubling_high_multiply(cube, _fixed(11 / 240 * 2**0.25))
    inner = _fixed(2 / 2**0.25 - 2**0.25) + q + doubling_high_multiply(square, _fixed(2**0.25 / 20))
    denominator = doubling_high_multiply(p, inner) + doubling_high_multiply(q, _fixed(2**0.25 / 4))
    share = doubling_high_multiply(rounding_shift_right(numerator, 6), reciprocal(denominator))
    result: Integers = (doubling_high_multiply(power, _fixed(math.log(2))) + share) << 1
    return result


def _exponential(values: Integers) -> Integers:
    """Returns exp(x) with 31 fractional bits for x in (-32, 0] with 26 (gemmlowp: exp_on_negative_values)."""
    quarter = 1 << (DIFFERENCE_FRACTION_BITS - 2)
    fraction = (values & (quarter - 1)) - quarter  # in [-1/4, 0)
    result = _exponential_of_quarter(fraction << DIFFERENCE_BITS)
    rest = fraction - values  # a multiple of 1/4, whose bits choose among exp(-1/4), exp(-1/2), exp(-1), ...
    for power in range(-2, DIFFERENCE_BITS):
        bit = 1 << (DIFFERENCE_FRACTION_BITS + power)
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


def _leading_zeros(values: Integers) -> Integers:
    """Returns the zeros in front of positive numbers of 32 bits."""
    # frexp counts the bits exactly.
    return 32 - np.frexp(values.astype(np.float64))[1].astype(np.int64)


def _fixed(value: float, fraction_bits: int = 31) -> int:
    """Returns a real constant with so many fractional bits, to the nearest."""
    return round(value * (1 << fraction_bits))
