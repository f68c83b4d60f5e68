"""Accumulators to codes in two or three instructions: where that is exact, and the integers that make it so.

There are two forms. `relu` rounds once, behind a ReLU; `linear` rounds twice, in front of any clip (`scale_linear`).

TFLite's reference rounds twice: t = floor((acc * m + 2^30) / 2^31), then t / 2^n to the nearest, halves away from
zero. For a nonnegative t this is floor((t + 2^(n-1)) / 2^n), and because an integer may be added inside a floor,

    code + 128 = clip(floor((acc * m + 2^30 + 2^(30 + n)) / 2^(31 + n)), 0, 255)

in one step. A negative t gives 0 or less either way, which the clip makes 0, if the smallest code stands for zero: that
is so behind a ReLU. With weights and bias multiplied by 2^e beforehand, e = N + 1 - n, every channel is divided by the
same 2^(32 + N): the upper half of one 64-bit product, plus a constant, shifted by N.

Where e would be below 2, the constant is no integer. Such channels have small factors and mostly few codes: with as
many fractional bits as their sums have room for, a bias is sought that makes every code begin at the right sum.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from edge_nas.int8.arithmetic import INT8_MAX, INT8_MIN, Integers, Multiplier, multiply_channels
from edge_nas.int8.operators.weights import Weights

CODE_RANGE = 255  # of a code + 128
LARGEST_WEIGHT = 2**15 - 1
LARGEST_SUM = 2**31 - 1
MOST_SHIFT = 22
LEAST_EXPONENT = 2  # below it the rounding constant is no integer
_MOST_EXPONENT = 15
_SHIFTS = 8  # so many are tried, from the largest that may suit
_LINEAR_EXPONENT = 1
_LONGEST_PRODUCT = 63  # bits of int64
_MOST_LINEAR_SHIFT = 21


@dataclass(frozen=True, eq=False)
class Scaled:
    """Integers of a convolution on codes + 128, (channels,) or (channels, taps) int64.

    Attributes:
        weights: times 2^e; each fits into 16 bits.
        bias: with the input's zero point taken in, times 2^e; no sum with any codes leaves 32 bits.
        multipliers: m.
        roundings: the constant added before the shift.
        shifts: N for all channels behind a ReLU; otherwise n, of each its own.
        exponents: e per channel.
        factors: what the weights were multiplied by: 2^e, 0 for a channel of one code.
    """

    weights: Integers
    bias: Integers
    multipliers: Integers
    roundings: Integers
    shifts: Integers
    exponents: Integers
    factors: Integers


def relu_shifts(
    weights: Weights, taps: Integers, sums: Sequence[Integers] = (), *, fractions: bool = True
) -> tuple[int, ...]:
    """Returns the shifts N with which codes behind a ReLU can be had as the module says; empty for none.

    Args:
        weights: its bias, multipliers and codes.
        taps: (channels, taps) the factors of the input codes.
        sums: (channels, any) further factors, sums of `taps`, that must fit with the same constants.
        fractions: whether the bias may be no multiple of 2^e.
    """
    codes = (weights.output_zero_point, weights.activation_min, weights.activation_max)
    if codes != (INT8_MIN, INT8_MIN, INT8_MAX) or any(multiplier.shift > 0 for multiplier in weights.multipliers):
        return ()
    return tuple(_forms(weights, taps, sums, fractions))


def scale_relu(weights: Weights, taps: Integers, shift: int, sums: Sequence[Integers] = ()) -> Scaled:
    """Returns the integers for one of the shifts that `relu_shifts` allows."""
    allowed = relu_shifts(weights, taps, sums)
    if shift not in allowed:
        raise ValueError(f"a shift of {shift} is not exact here; allowed: {allowed}")
    form = _forms(weights, taps, sums)[shift]
    columns = np.array([(c.factor, c.bias, c.multiplier, c.rounding, c.exponent) for c in form], np.int64).T
    factors, bias, multipliers, roundings, exponents = columns
    return Scaled(
        weights=taps * factors[:, np.newaxis],
        bias=bias,
        multipliers=multipliers,
        roundings=roundings,
        shifts=np.full(len(form), shift, np.int64),
        exponents=exponents,
        factors=factors,
    )


@dataclass(frozen=True)
class _Channel:
    """One channel: (sum of codes * weights * factor + bias) * multiplier / 2^32 + rounding; factor: 2^exponent or 0."""

    factor: int
    bias: int
    multiplier: int
    rounding: int
    exponent: int


def _forms(
    weights: Weights, taps: Integers, sums: Sequence[Integers], fractions: bool = True
) -> dict[int, list[_Channel]]:
    """Returns the channels for every shift that suits all of them."""
    constant, codes = _constant_codes(weights, taps)
    most = np.min([_most_exponents(weights, each) for each in (taps, *sums)], axis=0).tolist()
    bias = bias_on_shifted_codes(weights, taps)
    ends = [bias + CODE_RANGE * part.sum(axis=1) for part in (np.minimum(taps, 0), np.maximum(taps, 0))]
    varying = np.flatnonzero(~constant)
    highest = min((most[index] - weights.multipliers[index].shift - 1 for index in varying), default=MOST_SHIFT)
    highest = min(highest, MOST_SHIFT)
    forms: dict[int, list[_Channel]] = {}
    for shift in range(max(highest - _SHIFTS, 0) + 1, highest + 1):
        channels = []
        for index, multiplier in enumerate(weights.multipliers):
            if constant[index]:
                channels.append(_Channel(0, 0, 0, int(codes[index]) << shift, 0))
                continue
            sum_range = int(ends[0][index]), int(ends[1][index])
            found = _channel(shift, multiplier, int(bias[index]), most[index], sum_range)
            if found is None or not (fractions or found.exponent == shift + 1 + multiplier.shift):
                break
            channels.append(found)
        else:
            forms[shift] = channels
    return forms


def _channel(shift: int, multiplier: Multiplier, bias: int, most: int, sum_range: tuple[int, int]) -> _Channel | None:
    """Returns the integers of a channel for a shift; None where none are exact.

    Args:
        shift: N.
        multiplier: the reference's.
        bias: of sums over codes + 128.
        most: the largest exponent with which weights and sums fit.
        sum_range: the smallest and the largest sum.
    """
    n = -multiplier.shift
    exponent = shift + 1 - n
    if exponent > most:
        return None
    if exponent >= LEAST_EXPONENT:
        rounding = ((1 << (n + 30) if n else 0) + 2**30) << exponent >> 32
        return _Channel(1 << exponent, bias << exponent, multiplier.value, rounding, exponent)
    for tried in range(min(most - 1, _MOST_EXPONENT), 0, -1):
        value = (multiplier.value + (1 << (tried - exponent) >> 1)) >> (tried - exponent)
        added = _exact_bias(shift, multiplier, value, tried, sum_range)
        if added is not None:
            return _Channel(1 << tried, (bias << tried) + added, value, 0, tried)
    return None


def _exact_bias(
    shift: int, multiplier: Multiplier, value: int, exponent: int, sum_range: tuple[int, int]
) -> int | None:
    """Returns b with floor((sum * 2^exponent + b) * value / 2^(32 + shift)) = code + 128 for all sums; None for none.

    Both sides are steps that do not fall as the sum grows: they are equal if each code begins at the same sum.
    """
    n, (lowest, highest) = -multiplier.shift, sum_range
    half = 2**30 + (1 << (n + 30) if n else 0)

    def code(total: int) -> int:
        return min(max((total * multiplier.value + half) >> (31 + n), 0), CODE_RANGE)

    first, last = max(code(lowest), 1), min(code(highest) + 1, CODE_RANGE)
    # The few multipliers whose products are longer than int64 take Python's own integers.
    is_short = max(31 + n, 32 + shift) + CODE_RANGE.bit_length() < _LONGEST_PRODUCT
    codes = np.arange(first, last + 1, dtype=np.int64 if is_short else object)
    begins = -((half - (codes << (31 + n))) // multiplier.value)  # the first sum of each code
    scaled = -(-(codes << (32 + shift)) // value)  # the first scaled sum that gives it
    least, most = -(1 << 30), 1 << 30  # scaled sums leave that room
    from_below, from_above = begins <= highest, begins > lowest
    if from_below.any():
        least = max(least, int((scaled - (np.maximum(begins, lowest) << exponent))[from_below].max()))
    if from_above.any():
        most = min(most, int((scaled - 1 - (np.minimum(begins - 1, highest) << exponent))[from_above].min()))
    return (least + most) // 2 if least <= most else None


def linear_is_exact(weights: Weights, taps: Integers) -> bool:
    """Returns whether `scale_linear` may be used: shifts to the right only, and no sum leaves 32 bits."""
    shifts = _divisions(weights)
    fits = min(_most_exponents(weights, taps), default=0) >= _LINEAR_EXPONENT
    return fits and min(shifts, default=0) >= 1 and max(shifts, default=0) <= _MOST_LINEAR_SHIFT


def scale_linear(weights: Weights, taps: Integers) -> Scaled:
    """Returns the integers for any clip: twice the sum, the product's upper half rounded, then a shift per channel.

    code + 128 = clip((t + (t < 0 ? -1 : 0) + rounding) >> n), t = floor((2 * acc * m + 2^31) / 2^32).
    """
    if not linear_is_exact(weights, taps):
        raise ValueError("the linear form is not exact here")
    divisions = np.array(_divisions(weights), np.int64)
    zero = weights.output_zero_point - INT8_MIN
    return Scaled(
        weights=taps << _LINEAR_EXPONENT,
        bias=bias_on_shifted_codes(weights, taps) << _LINEAR_EXPONENT,
        multipliers=np.array([multiplier.value for multiplier in weights.multipliers], np.int64),
        roundings=(np.int64(1) << (divisions - 1)) + (np.int64(zero) << divisions),
        shifts=divisions,
        exponents=np.full(len(divisions), _LINEAR_EXPONENT, np.int64),
        factors=np.full(len(divisions), 1 << _LINEAR_EXPONENT, np.int64),
    )


@dataclass(frozen=True, eq=False)
class Rounded:
    """Integers that round as the reference does, any multiplier and any range: per channel, (channels,) int64.

    code = clip((t + (t < 0 ? sign : 0) + rounding) >> shift), t = floor((sum * 2^exponent * multiplier + 2^31) / 2^32).
    """

    multipliers: Integers
    roundings: Integers
    exponents: Integers
    signs: Integers
    shifts: Integers


def rounded_is_exact(weights: Weights, taps: Integers) -> bool:
    """Returns whether `scale_rounded` may be used: no scaled sum and no constant leaves 32 bits."""
    scaled = scale_rounded(weights, taps)
    ends = np.array(weights.largest_sums, np.int64) << scaled.exponents
    return bool(ends.max() <= LARGEST_SUM and scaled.shifts.max() <= _MOST_LINEAR_SHIFT)


def scale_rounded(weights: Weights, taps: Integers) -> Rounded:
    """Returns the integers for sums over codes less their zero point, and codes that are not shifted by 128."""
    constant, codes = _constant_codes(weights, taps)
    shifts = np.where(constant, 0, [multiplier.shift for multiplier in weights.multipliers])
    divisions = np.maximum(-shifts, 0)
    halves = (np.int64(1) << divisions) >> 1
    return Rounded(
        multipliers=np.where(constant, 0, [multiplier.value for multiplier in weights.multipliers]),
        roundings=np.where(constant, codes + INT8_MIN, halves + (np.int64(weights.output_zero_point) << divisions)),
        exponents=np.where(constant, 0, np.maximum(shifts, 0) + _LINEAR_EXPONENT),
        signs=np.where(divisions > 0, -1, 0),
        shifts=divisions,
    )


def bias_on_shifted_codes(weights: Weights, taps: Integers) -> Integers:
    """Returns the bias of sums over codes + 128, where the border holds zero point + 128."""
    zero = weights.input_zero_point - INT8_MIN
    bias: Integers = weights.bias.astype(np.int64) - zero * taps.sum(axis=1)
    return bias


def fewest_shifts(allowed: Iterable[Sequence[int]]) -> tuple[int, ...]:
    """Returns few shifts of which every set that is not empty holds one: each is a kernel of its own."""
    left = [set(each) for each in allowed if each]
    chosen: list[int] = []
    while left:
        shift = max(set().union(*left), key=lambda shift: (sum(shift in each for each in left), shift))
        chosen.append(shift)
        left = [each for each in left if shift not in each]
    return tuple(sorted(chosen))


def _constant_codes(weights: Weights, taps: Integers) -> tuple[npt.NDArray[np.bool_], Integers]:
    """Returns which channels give one code whatever they read, trained to nothing, and the codes + 128 they give.

    Codes do not fall as accumulators grow: where the smallest and the largest give the same, all between do.
    """
    bias = bias_on_shifted_codes(weights, taps)
    ends = [bias + CODE_RANGE * part.sum(axis=1) for part in (np.minimum(taps, 0), np.maximum(taps, 0))]
    codes = [
        np.clip(
            multiply_channels(end, weights.multipliers) + weights.output_zero_point,
            weights.activation_min,
            weights.activation_max,
        )
        for end in ends
    ]
    return codes[0] == codes[1], codes[0] - INT8_MIN


def _divisions(weights: Weights) -> Sequence[int]:
    return [-multiplier.shift for multiplier in weights.multipliers]


def _most_exponents(weights: Weights, taps: Integers) -> Sequence[int]:
    """Returns, per channel, the largest e with which weights fit into 16 and sums into 32 bits."""
    sums = CODE_RANGE * np.abs(taps).sum(axis=1) + np.abs(bias_on_shifted_codes(weights, taps))
    found = []
    for largest_tap, largest_sum in zip(np.abs(taps).max(axis=1).tolist(), sums.tolist(), strict=True):
        e = 0
        while e < 15 and largest_tap << (e + 1) <= LARGEST_WEIGHT and largest_sum << (e + 1) <= LARGEST_SUM:
            e += 1
        found.append(e)
    return found
