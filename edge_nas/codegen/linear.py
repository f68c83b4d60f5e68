"""Codes of two inputs as one linear form, (a * first + b * second + constant) >> shift: found, and proven pair by pair.

TFLite's reference rescales both inputs of a sum to a common fine scale, adds them, and rescales again, each time with
two roundings. Whatever it does, it gives one of 256 codes for each of 65,536 pairs: integers that give the same code
for every pair are as good. A form is right if its constant puts every pair into its own code's interval; the first
slopes tried are the real ones, then their neighbours. Where one input is constant, a pair is a single code.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import product

import numpy as np
import numpy.typing as npt

from edge_nas.int8.arithmetic import INT8_MAX, INT8_MIN, Integers

# All 256 codes, in order.
CODES: Integers = np.arange(INT8_MIN, INT8_MAX + 1, dtype=np.int64)

# The finest still leaves room in 32 bits for 256 codes of either sign; the coarsest can hardly tell 256 codes apart.
_SHIFTS = range(23, 11, -1)
# How far from the real slopes' nearest integers others are sought. 312 of 312 sums of networks and random layers were
# met with the nearest, or with neighbours at a distance of one.
_FARTHEST = 3
_LARGEST = 2**31 - 1
_NO_END = 2**40  # farther than any sum


@dataclass(frozen=True)
class LinearForm:
    """code = clip((a * first + b * second + constant) >> shift) for codes a and b.

    No sum leaves 32 bits, nor does one of 128 codes more.
    """

    first: int
    second: int
    constant: int
    shift: int


def linear_form(codes: Integers, slopes: tuple[float, float], low: int, high: int) -> LinearForm | None:
    """Returns a form that gives every code of a table; None where none was found.

    Args:
        codes: (256, 256) the codes wanted for each pair of codes from -128 to 127.
        slopes: by how much codes grow with the first and the second code, before they are clipped.
        low: the smallest code, to which smaller ones are clipped.
        high: the largest.
    """
    for shift in _SHIFTS:
        intervals = _intervals(codes, shift, low, high)
        for first, second in _neighbours(*(round(slope * 2**shift) for slope in slopes)):
            constant = _constant(intervals, first * CODES[:, np.newaxis] + second * CODES)
            if constant is not None:
                return LinearForm(first, second, constant, shift)
    return None


def line_forms(codes: Integers, slopes: npt.NDArray[np.float64], low: int, high: int) -> tuple[LinearForm, ...] | None:
    """Returns forms of one code each, all of one shift; None where some were not found.

    Args:
        codes: (forms, 256) the codes wanted for codes from -128 to 127.
        slopes: (forms,) float, by how much they grow with the code, before they are clipped.
        low: the smallest code, to which smaller ones are clipped.
        high: the largest.
    """
    for shift in _SHIFTS:
        found = [_line(wanted, slope, shift, low, high) for wanted, slope in zip(codes, slopes.tolist(), strict=True)]
        lines = tuple(line for line in found if line is not None)
        if len(lines) == len(found):
            return lines
    return None


def _line(codes: Integers, slope: float, shift: int, low: int, high: int) -> LinearForm | None:
    """Returns the form of one code with a shift; None where none was found."""
    intervals = _intervals(codes, shift, low, high)
    for step in sorted(range(-_FARTHEST, _FARTHEST + 1), key=abs):
        first = round(slope * 2**shift) + step
        constant = _constant(intervals, first * CODES)
        if constant is not None:
            return LinearForm(first, 0, constant, shift)
    return None


def _neighbours(first: int, second: int) -> Iterable[tuple[int, int]]:
    """Yields pairs of slopes, the nearest to those given first."""
    steps = range(-_FARTHEST, _FARTHEST + 1)
    for one, other in sorted(product(steps, steps), key=lambda step: max(abs(step[0]), abs(step[1]))):
        yield first + one, second + other


@dataclass(frozen=True)
class _Intervals:
    """Where sums, constant included, have to lie: from `begins` to `ends`, both included, for a shift."""

    begins: Integers
    ends: Integers
    shift: int


def _intervals(codes: Integers, shift: int, low: int, high: int) -> _Intervals:
    """Returns the interval of each code; that of the smallest has no lower end, that of the largest no upper end."""
    begins = np.where(codes > low, codes << shift, -_NO_END)
    ends = np.where(codes < high, (codes << shift) + (1 << shift) - 1, _NO_END)
    return _Intervals(begins, ends, shift)


def _constant(intervals: _Intervals, sums: Integers) -> int | None:
    """Returns a constant that puts each sum into its interval; None where there is none."""
    least = max(int((intervals.begins - sums).max()), -_LARGEST)
    most = min(int((intervals.ends - sums).min()), _LARGEST)
    constant = (least + most) // 2
    room = _LARGEST - (-INT8_MIN << intervals.shift)  # codes may be wanted with 128 added
    fits = max(abs(int(sums.min()) + constant), abs(int(sums.max()) + constant), abs(constant)) <= room
    return constant if least <= most and fits else None


def wrapped(integer: int) -> int:
    """Returns an integer modulo 2^32, as a signed one of 32 bits: what a register keeps of it."""
    return (integer + 2**31) % 2**32 - 2**31
