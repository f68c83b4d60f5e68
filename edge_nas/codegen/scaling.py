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

import functools
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from edge_nas.int8.arithmetic import INT8_MAX, INT8_MIN, Integers, multiply_channels
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


class Shifts:
    """Shifts N that are exact for a layer, found out one by one as they are asked for: some take a long search.

    Attributes:
        possible: those that may be exact, the largest first.
    """

    def __init__(self, possible: Iterable[int] = (), is_exact: Callable[[int], bool] = lambda _: True) -> None:
        self.possible = tuple(sorted(possible, reverse=True))
        self._is_exact = functools.cache(is_exact)

    def __contains__(self, shift: int) -> bool:
        return shift in self.possible and self._is_exact(shift)

    def __iter__(self) -> Iterator[int]:
        """Yields the exact ones, the largest first."""
        return (shift for shift in self.possible if shift in self)

    def __bool__(self) -> bool:
        return any(True for _ in self)


def relu_shifts(weights: Weights, taps: Integers, sums: Sequence[Integers] = (), *, fractions: bool = True) -> Shifts:
    """Returns the shifts N with which codes behind a ReLU can be had as the module says; empty for none.

    Args:
        weights: its bias, multipliers and codes.
        taps: (channels, taps) the factors of the input codes.
        sums: (channels, any) further factors, sums of `taps`, that must fit with the same constants.
        fractions: whether the bias may be no multiple of 2^e.
    """
    if not _is_clipped_at_zero(weights):
        return Shifts()
    channels = _channels(weights, taps, sums)
    room = (channels.most + channels.divisions - 1)[channels.varying > 0]
    highest = int(room.min(initial=MOST_SHIFT))
    possible = range(max(highest - _SHIFTS, 0) + 1, highest + 1)
    return Shifts(possible, lambda shift: _relu_form(channels, shift, fractions=fractions) is not None)


def scale_relu(weights: Weights, taps: Integers, shift: int, sums: Sequence[Integers] = ()) -> Scaled:
    """Returns the integers for one of the shifts that `relu_shifts` allows.

    Raises:
        ValueError: it is none of them.
    """
    form = _relu_form(_channels(weights, taps, sums), shift) if _is_clipped_at_zero(weights) else None
    if form is None:
        raise ValueError(f"a shift of {shift} is not exact here; allowed: {[*relu_shifts(weights, taps, sums)]}")
    return Scaled(
        weights=taps * form.factors[:, np.newaxis],
        bias=form.bias,
        multipliers=form.multipliers,
        roundings=form.roundings,
        shifts=np.full(len(form.bias), shift, np.int64),
        exponents=form.exponents,
        factors=form.factors,
    )


@dataclass(frozen=True, eq=False)
class _Channels:
    """What the integers of every channel follow from, (channels,) each.

    Attributes:
        varying: 1 where it gives more than one code, 0 where it gives one.
        codes: the code + 128 of those that give one.
        most: the largest exponent with which weights and sums fit.
        bias: of sums over codes + 128.
        lowest, highest: the smallest and the largest sum, bias included.
        values, divisions: the reference's multipliers, n.
    """

    varying: Integers
    codes: Integers
    most: Integers
    bias: Integers
    lowest: Integers
    highest: Integers
    values: Integers
    divisions: Integers

    def of(self, chosen: npt.NDArray[Any], dtype: npt.DTypeLike) -> "_Channels":
        """Returns some of the channels, by their numbers or a mask of them, as integers of a dtype."""
        return _Channels(**{name: column[chosen].astype(dtype) for name, column in vars(self).items()})


@dataclass(frozen=True, eq=False)
class _ReluForm:
    """(sum of codes * weights * factor + bias) * multiplier / 2^32 + rounding; a factor is 2^exponent, or 0."""

    factors: Integers
    bias: Integers
    multipliers: Integers
    roundings: Integers
    exponents: Integers


def _is_clipped_at_zero(weights: Weights) -> bool:
    codes = (weights.output_zero_point, weights.activation_min, weights.activation_max)
    return codes == (INT8_MIN, INT8_MIN, INT8_MAX) and all(multiplier.shift <= 0 for multiplier in weights.multipliers)


def _channels(weights: Weights, taps: Integers, sums: Sequence[Integers]) -> _Channels:
    constant, codes = _constant_codes(weights, taps)
    lowest, highest = _sum_range(weights, taps)
    return _Channels(
        varying=(~constant).astype(np.int64),
        codes=codes,
        most=np.min([_most_exponents(weights, each) for each in (taps, *sums)], axis=0),
        bias=bias_on_shifted_codes(weights, taps),
        lowest=lowest,
        highest=highest,
        values=np.array([multiplier.value for multiplier in weights.multipliers], np.int64),
        divisions=np.array(_divisions(weights), np.int64),
    )


def _relu_form(channels: _Channels, shift: int, *, fractions: bool = True) -> _ReluForm | None:
    """Returns the integers for a shift; None where those of some channel are not exact."""
    varying, exponents = channels.varying > 0, shift + 1 - channels.divisions
    fractional = np.flatnonzero(varying & (exponents < LEAST_EXPONENT))
    if (varying & (exponents > channels.most)).any() or (len(fractional) and not fractions):
        return None
    exponents = np.where(varying, np.maximum(exponents, 0), 0)
    halves = np.where(channels.divisions > 0, np.int64(1) << (channels.divisions + 30), 0) + 2**30
    form = _ReluForm(
        factors=np.where(varying, np.int64(1) << exponents, 0),
        bias=np.where(varying, channels.bias << exponents, 0),
        multipliers=np.where(varying, channels.values, 0),
        roundings=np.where(varying, (halves << exponents) >> 32, channels.codes << shift),
        exponents=exponents,
    )
    return form if _fill_fractions(form, fractional, channels, shift) else None


def _fill_fractions(form: _ReluForm, chosen: npt.NDArray[np.intp], channels: _Channels, shift: int) -> bool:
    """Fills in the integers of channels whose bias has fractions; returns False where some channel has none.

    As many fractional bits are tried as sums have room for, then ever fewer.
    """
    # Products longer than int64, of the few multipliers that are so small, take Python's own integers.
    longest = max(31 + int(channels.divisions[chosen].max(initial=0)), 32 + shift) + CODE_RANGE.bit_length()
    channels = channels.of(chosen, np.int64 if longest < _LONGEST_PRODUCT else object)
    tried = np.minimum(channels.most - 1, _MOST_EXPONENT)
    while len(chosen):
        if tried.min() < 1:
            return False
        finer = tried - (shift + 1 - channels.divisions)
        values = (channels.values + ((1 << finer) >> 1)) >> finer
        least, most = _exact_biases(channels, shift, values, tried)
        exact = least <= most
        found = chosen[exact]
        form.factors[found] = 1 << tried[exact]
        form.bias[found] = (channels.bias[exact] << tried[exact]) + (least[exact] + most[exact]) // 2
        form.multipliers[found] = values[exact]
        form.roundings[found] = 0
        form.exponents[found] = tried[exact]
        chosen, tried, channels = chosen[~exact], tried[~exact] - 1, channels.of(~exact, tried.dtype)
    return True


def _exact_biases(channels: _Channels, shift: int, values: Integers, exponents: Integers) -> tuple[Integers, Integers]:
    """Returns the least and the most b with floor((sum * 2^exponent + b) * value / 2^(32 + shift)) = code + 128.

    For all sums; the least is above the most where there is none. Both sides are steps that do not fall as the sum
    grows: they are equal if each code begins at the same sum.
    """
    n, lowest, highest = channels.divisions, channels.lowest, channels.highest
    half = 2**30 + np.where(n > 0, 1 << (n + 30), 0)

    def code(totals: Integers) -> Integers:
        codes: Integers = np.clip((totals * channels.values + half) >> (31 + n), 0, CODE_RANGE)
        return codes

    first, last = np.maximum(code(lowest), 1), np.minimum(code(highest) + 1, CODE_RANGE)
    codes = np.arange(1, CODE_RANGE + 1).astype(n.dtype)[:, np.newaxis]
    met = (codes >= first) & (codes <= last)
    begins = -((half - (codes << (31 + n))) // channels.values)  # the first sum of each code
    scaled = -(-(codes << (32 + shift)) // values)  # the first scaled sum that gives it
    # Scaled sums leave that room.
    room = 1 << 30
    least = np.where(met & (begins <= highest), scaled - (np.maximum(begins, lowest) << exponents), -room)
    most = np.where(met & (begins > lowest), scaled - 1 - (np.minimum(begins - 1, highest) << exponents), room)
    return np.maximum(least.max(axis=0), -room), np.minimum(most.min(axis=0), room)


def linear_is_exact(weights: Weights, taps: Integers) -> bool:
    """Returns whether `scale_linear` may be used: shifts to the right only, and no sum leaves 32 bits."""
    shifts = _divisions(weights)
    fits = len(taps) > 0 and int(_most_exponents(weights, taps).min()) >= _LINEAR_EXPONENT
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


def fewest_shifts(allowed: Iterable[Shifts]) -> tuple[int, ...]:
    """Returns few shifts of which every set that is not empty holds one: each is a kernel of its own."""
    left = [each for each in allowed if each]
    chosen: list[int] = []
    while left:
        shift = _commonest(left)
        chosen.append(shift)
        left = [each for each in left if shift not in each]
    return tuple(sorted(chosen))


def _commonest(allowed: Sequence[Shifts]) -> int:
    """Returns the shift that most sets hold; of several, the largest."""
    bounds = Counter(shift for each in allowed for shift in each.possible)
    commonest = (0, 0)
    for shift, bound in sorted(bounds.items(), key=lambda item: (item[1], item[0]), reverse=True):
        # Whether a set holds a shift is only asked where that can still decide.
        if (bound, shift) > commonest:
            commonest = max(commonest, (sum(shift in each for each in allowed), shift))
    return commonest[1]


def _sum_range(weights: Weights, taps: Integers) -> tuple[Integers, Integers]:
    """Returns the smallest and the largest sum of every channel, bias included."""
    bias = bias_on_shifted_codes(weights, taps)
    positive = np.maximum(taps, 0).sum(axis=1)
    return bias + CODE_RANGE * (taps.sum(axis=1) - positive), bias + CODE_RANGE * positive


def _constant_codes(weights: Weights, taps: Integers) -> tuple[npt.NDArray[np.bool_], Integers]:
    """Returns which channels give one code whatever they read, trained to nothing, and the codes + 128 they give.

    Codes do not fall as accumulators grow: where the smallest and the largest give the same, all between do.
    """
    codes = [
        np.clip(
            multiply_channels(end, weights.multipliers) + weights.output_zero_point,
            weights.activation_min,
            weights.activation_max,
        )
        for end in _sum_range(weights, taps)
    ]
    return codes[0] == codes[1], codes[0] - INT8_MIN


def _divisions(weights: Weights) -> Sequence[int]:
    return [-multiplier.shift for multiplier in weights.multipliers]


def _most_exponents(weights: Weights, taps: Integers) -> Integers:
    """Returns, per channel, the largest e, 0 to 15, with which weights fit into 16 and sums into 32 bits."""
    sizes = np.abs(taps)
    sums = CODE_RANGE * sizes.sum(axis=1) + np.abs(bias_on_shifted_codes(weights, taps))
    found = np.full(len(taps), _MOST_EXPONENT, np.int64)
    for limit, largest in ((LARGEST_WEIGHT, sizes.max(axis=1)), (LARGEST_SUM, sums)):
        # A size << e is within the limit as long as e is below the number of bits of limit // size.
        bits = np.frexp(limit // np.maximum(largest, 1))[1]
        found = np.where(largest > 0, np.minimum(found, np.maximum(bits - 1, 0)), found)
    return found
