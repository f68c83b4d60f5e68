"""Sigmoid and tanh of 16-bit numbers in fixed point, bit for bit as gemmlowp computes them for recurrent layers.

Both are made of exp(x) for x below zero, a polynomial times powers of exp(-1/4), and of a division by Newton's method.
"""

import functools
import math

import numpy as np
import numpy.typing as npt

from edge_nas.int8.arithmetic import INT16_MAX, INT16_MIN, Integers, rounding_shift_right

Shorts = npt.NDArray[np.int16]

# Integer bits of what a gate's sigmoid and tanh read (TFLite: 3), and the most that a cell may have.
GATE_BITS = 3
MOST_TANH_BITS = 6
_ONE_WITH_TWO_BITS = 1 << 13


def sigmoid(values: Shorts) -> Shorts:
    """Returns 1 / (1 + exp(-x)) with 15 fractional bits for x with 12."""
    return _sigmoid_table()[values.astype(np.int64) - INT16_MIN]


def tanh(values: Shorts, integer_bits: int) -> Shorts:
    """Returns the tanh, with 15 fractional bits, of numbers with so many integer bits, 0 to 6."""
    return _tanh_table(integer_bits)[values.astype(np.int64) - INT16_MIN]


def short_product(a: Integers, b: Integers | int) -> Integers:
    """Returns a * b / 2 ** 15, rounded to the nearest integer, halves upwards (SaturatingRoundingDoublingHighMul).

    gemmlowp's source cuts towards zero behind adding half a last bit; LiteRT's kernels round down there, as its vector
    instructions do. The one overflow, of -2 ** 15 times itself, does not arise.
    """
    return (a * b + (1 << 14)) >> 15


def _all_shorts() -> Integers:
    return np.arange(INT16_MIN, INT16_MAX + 1, dtype=np.int64)


@functools.cache
def _sigmoid_table() -> Shorts:
    values = _all_shorts()
    x = _reciprocal(_exponential(-np.abs(values), GATE_BITS))
    positive = np.clip(x << 1, INT16_MIN, INT16_MAX)
    result = np.where(values > 0, positive, INT16_MAX - positive)
    return _frozen(np.where(values == 0, 1 << 14, result))


@functools.cache
def _tanh_table(integer_bits: int) -> Shorts:
    values = _all_shorts()
    # exp(-2 |x|): the same bits with one more of them before the point.
    x = _reciprocal(_exponential(-np.abs(values), integer_bits + 1))
    size = np.clip((x - _ONE_WITH_TWO_BITS) << 2, INT16_MIN, INT16_MAX)
    return _frozen(np.sign(values) * size)


def _frozen(values: Integers) -> Shorts:
    table = values.astype(np.int16)
    table.flags.writeable = False
    return table


def _exponential(values: Integers, integer_bits: int) -> Integers:
    """Returns exp(x) with 15 fractional bits for x in [-2 ** integer_bits, 0] (exp_on_negative_values)."""
    fraction_bits = 15 - integer_bits
    quarter = 1 << (fraction_bits - 2)
    fraction = (values & (quarter - 1)) - quarter  # in [-1/4, 0)
    result = _exponential_of_quarter(fraction << integer_bits)
    rest = fraction - values
    for power in range(-2, min(integer_bits, 5)):
        bit = 1 << (fraction_bits + power)
        result = np.where(rest & bit, short_product(result, _fixed(math.exp(-(2.0**power)))), result)
    if integer_bits > 5:  # below -32 it is 0
        result = np.where(values < -(1 << (20 - integer_bits)), 0, result)
    exponential: Integers = np.where(values == 0, INT16_MAX, result)
    return exponential


def _exponential_of_quarter(values: Integers) -> Integers:
    """Returns exp(x) for x in [-1/4, 0), both with 15 fractional bits: the Taylor polynomial of degree 4 at -1/8."""
    at_eighth = _fixed(math.exp(-1 / 8))
    x = values + (1 << 12)
    x2 = short_product(x, x)
    x3 = short_product(x2, x)
    quarter_x4 = rounding_shift_right(short_product(x2, x2), 2)
    rest = rounding_shift_right(short_product(quarter_x4 + x3, _fixed(1 / 3)) + x2, 1)
    return np.clip(at_eighth + short_product(x + rest, at_eighth), INT16_MIN, INT16_MAX)


def _reciprocal(values: Integers) -> Integers:
    """Returns 2 / (1 + x) with 13 fractional bits for x in [0, 1) with 15: three Newton-Raphson steps."""
    half_denominator = (values + INT16_MAX + 1) // 2
    guess = _fixed(48 / 17, 13) + short_product(half_denominator, _fixed(-32 / 17, 13))
    for _ in range(3):
        error = _ONE_WITH_TWO_BITS - short_product(half_denominator, guess)
        guess = guess + np.clip(short_product(guess, error) << 2, INT16_MIN, INT16_MAX)
    return guess


def _fixed(value: float, fraction_bits: int = 15) -> int:
    """Returns a real constant with so many fractional bits, to the nearest."""
    return round(value * (1 << fraction_bits))
