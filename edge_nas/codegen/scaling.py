"""Accumulators to codes in two or three instructions: where that is exact, and the integers that make it so.

TFLite's reference rounds twice: t = floor((acc * m + 2^30) / 2^31), then t / 2^n to the nearest, halves away from
zero. For a nonnegative t this is floor((t + 2^(n-1)) / 2^n), and because an integer may be added inside a floor,

    code + 128 = clip(floor((acc * m + 2^30 + 2^(30 + n)) / 2^(31 + n)), 0, 255)

in one step. A negative t gives 0 or less either way, which the clip makes 0, if the smallest code stands for zero: that
is so behind a ReLU. With weights and bias multiplied by 2^e beforehand, e = N + 1 - n, every channel is divided by the
same 2^(32 + N): the upper half of one 64-bit product, plus a constant, shifted by N.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from edge_nas.int8.arithmetic import INT8_MAX, INT8_MIN, Integers, multiply_channels
from edge_nas.int8.operators.weights import Weights

CODE_RANGE = 255  # of a code + 128
LARGEST_WEIGHT = 2**15 - 1
LARGEST_SUM = 2**31 - 1
MOST_SHIFT = 22
LEAST_EXPONENT = 2  # below it the rounding constant is no integer
_LINEAR_EXPONENT = 1
_MOST_LINEAR_SHIFT = 21


@dataclass(frozen=True, eq=False)
class Scaled:
    """Integers of a convolution on codes + 128, (channels,) or (channels, taps) int64.

    Attributes:
        weights: times 2^e; each fits into 16 bits.
        bias: with the input's zero point taken in, times 2^e; no sum with any codes leaves 32 bits.
        multipliers: m.
        roundings: the constant added before the shift.
        shifts: n per channel for outputs that are not clipped at zero; N for all otherwise.
        exponents: e per channel.
    """

    weights: Integers
    bias: Integers
    multipliers: Integers
    roundings: Integers
    shifts: Integers
    exponents: Integers


def clipped_shifts(weights: Weights, taps: Integers, all_taps: Integers | None = None) -> range:
    """Returns the shifts N with which a convolution's codes can be had as in the module's formula; empty for none.

    Args:
        weights: its bias, multipliers and codes.
        taps: (channels, taps) the factors of the input codes, weights or sums of weights.
        all_taps: the weights themselves, where `taps` are sums of them.
    """
    codes = (weights.output_zero_point, weights.activation_min, weights.activation_max)
    if codes != (INT8_MIN, INT8_MIN, INT8_MAX) or any(multiplier.shift > 0 for multiplier in weights.multipliers):
        return range(0)
    lowest, highest = 1, MOST_SHIFT
    constant, _ = _constant_codes(weights, taps if all_taps is None else all_taps)
    for n, most, is_constant in zip(_divisions(weights), _most_exponents(weights, taps), constant, strict=True):
        if is_constant:
            continue
        lowest = max(lowest, n + LEAST_EXPONENT - 1)
        highest = min(highest, n + most - 1)
    return range(lowest, highest + 1)


def scale_clipped(weights: Weights, taps: Integers, shift: int, all_taps: Integers | None = None) -> Scaled:
    """Returns the integers for one of the shifts that `clipped_shifts` allows."""
    if shift not in clipped_shifts(weights, taps, all_taps):
        raise ValueError(f"a shift of {shift} is not exact here; allowed: {clipped_shifts(weights, taps, all_taps)}")
    constant, codes = _constant_codes(weights, taps if all_taps is None else all_taps)
    varying = (~constant).astype(np.int64)
    divisions = np.where(constant, 0, _divisions(weights))
    exponents = np.where(constant, 0, shift + 1 - divisions)
    halves = np.where(divisions > 0, np.int64(1) << np.maximum(divisions + 30, 0), 0)
    return Scaled(
        weights=(taps * varying[:, np.newaxis]) << exponents[:, np.newaxis],
        bias=(bias_on_codes(weights, taps) * varying) << exponents,
        multipliers=np.where(constant, 0, [multiplier.value for multiplier in weights.multipliers]),
        roundings=np.where(constant, codes << shift, ((halves + 2**30) << exponents) >> 32),
        shifts=np.full(len(divisions), shift, np.int64),
        exponents=exponents,
    )


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
        bias=bias_on_codes(weights, taps) << _LINEAR_EXPONENT,
        multipliers=np.array([multiplier.value for multiplier in weights.multipliers], np.int64),
        roundings=(np.int64(1) << (divisions - 1)) + (np.int64(zero) << divisions),
        shifts=divisions,
        exponents=np.full(len(divisions), _LINEAR_EXPONENT, np.int64),
    )


def bias_on_codes(weights: Weights, taps: Integers) -> Integers:
    """Returns the bias of sums over codes + 128, where the border holds zero point + 128."""
    zero = weights.input_zero_point - INT8_MIN
    bias: Integers = weights.bias.astype(np.int64) - zero * taps.sum(axis=1)
    return bias


def fewest_shifts(ranges: Iterable[range]) -> tuple[int, ...]:
    """Returns the fewest shifts of which every range that is not empty holds one: each is a kernel of its own."""
    chosen: list[int] = []
    for allowed in sorted((r for r in ranges if len(r)), key=lambda r: r.stop):
        if not any(shift in allowed for shift in chosen):
            chosen.append(allowed.stop - 1)
    return tuple(chosen)


def _constant_codes(weights: Weights, taps: Integers) -> tuple[npt.NDArray[np.bool_], Integers]:
    """Returns which channels give one code whatever they read, trained to nothing, and the codes + 128 they give.

    Codes do not fall as accumulators grow: where the smallest and the largest give the same, all between do.
    """
    bias = bias_on_codes(weights, taps)
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
    sums = CODE_RANGE * np.abs(taps).sum(axis=1) + np.abs(bias_on_codes(weights, taps))
    found = []
    for largest_tap, largest_sum in zip(np.abs(taps).max(axis=1).tolist(), sums.tolist(), strict=True):
        e = 0
        while e < 15 and largest_tap << (e + 1) <= LARGEST_WEIGHT and largest_sum << (e + 1) <= LARGEST_SUM:
            e += 1
        found.append(e)
    return found
