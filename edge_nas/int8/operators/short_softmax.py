"""SOFTMAX on int16 codes, from tables of exp(x) and 1 / (1 + x) with lines between their entries."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
import numpy.typing as npt

from edge_nas.int8.arithmetic import INT16_MAX, INT16_MIN, Integers, Multiplier, multiply
from edge_nas.int8.kinds import register_short
from edge_nas.int8.operands import Operands, ParsedOperator, Stored
from edge_nas.int8.operators import softmax  # noqa: F401 - which names the kind

_STEPS = 512
_RANGE = 65535
# Exponents from -10 to 0 are told from each other.
_LEAST_EXPONENT = 10.0
_MOST_CLASSES = 65535
_Reals = npt.NDArray[np.floating[Any]]


@register_short("SOFTMAX")
@dataclass(frozen=True, eq=False, kw_only=True)
class ShortSoftmax(ParsedOperator):
    """exp(x) / sum of exp(x), over the last dimension.

    Attributes:
        multiplier: from a difference of codes to 65535 for each 10.
    """

    multiplier: Multiplier

    @classmethod
    def parse(cls, operands: Operands) -> Self:
        """Returns the softmax that an operator describes.

        Raises:
            ArtifactError: another output scale than 1 / 32768, or anything else that is not supported.
        """
        operands.expect_inputs(1, 1)
        source = operands.short(0)
        output = operands.short_output(shape=source.shape)
        if abs(output.scale * 2**15 - 1) > 1e-3:
            raise operands.refusal(f"the output has scale {output.scale}; supported: 1/32768")
        classes = source.shape[-1] if source.shape else 1
        if classes > _MOST_CLASSES:
            raise operands.refusal(f"{classes} classes; at most {_MOST_CLASSES} are supported")
        # TFLite multiplies scale and beta in float32; of int8 it is a product of doubles.
        scale = float(np.float32(source.scale) * np.float32(operands.real_option("Beta")))
        multiplier = operands.multiplier(scale / (_LEAST_EXPONENT / _RANGE))
        return cls(**operands.wiring((source,), output), multiplier=multiplier)

    def run(self, codes: Stored) -> Stored:
        """Returns the output codes (N, ...) for input codes (N, ...)."""
        rows = codes.reshape(len(codes), *(self.input_shape or (1,))).astype(np.int64)
        below = multiply(rows - rows.max(axis=-1, keepdims=True), self.multiplier)
        terms = _looked_up(_saturated(below + INT16_MAX), exponentials())
        sums = terms.sum(axis=-1, keepdims=True)
        # frexp counts the bits exactly.
        zeros = 32 - np.frexp(sums.astype(np.float64))[1].astype(np.int64)
        shifted = ((sums << (zeros - 1)) + (1 << 13)) >> 14
        inverse = _looked_up(_saturated(shifted - (1 << 15) - (1 << 16)), reciprocals())
        right = 31 - zeros
        shares = (terms * inverse + (np.int64(1) << (right - 1))) >> right
        output: Stored = np.clip(shares, 0, INT16_MAX).astype(np.int16).reshape(codes.shape)
        return output


def exponentials() -> np.ndarray:
    """Returns exp(x) for x from -10 to 0 in 512 steps, (513,) int16 with 15 fractional bits."""
    return _table(np.exp, _LEAST_EXPONENT / _RANGE, INT16_MAX)


def reciprocals() -> np.ndarray:
    """Returns 1 / (1 + x) for x from 0 to 1 in 512 steps, (513,) int16 with 15 fractional bits."""
    return _table(lambda values: 1 / (1 + values), 1 / _RANGE, INT16_MIN)


def _table(function: Callable[[_Reals], _Reals], scale: float, zero_point: int) -> np.ndarray:
    """Returns a table in which lines err as far above as below in the middle (TFLite: LUTPopulateInt16)."""
    low, high = (scale * (end - zero_point) for end in (INT16_MIN, INT16_MAX))
    step = (high - low) / _STEPS
    places, factor = low + np.arange(_STEPS) * step, (_RANGE + 1) / 2.0
    values, middles = function(places) * factor, function(places + step / 2) * factor
    following = function(low + np.arange(1, _STEPS + 1) * step) * factor
    samples, lines = _rounded(values), _rounded((following + _rounded(values)) / 2)
    bias = _rounded((lines - _rounded(middles)) / 2)
    entries = np.append(samples - bias, _rounded(function(np.array([high])) * factor))
    table: np.ndarray = np.clip(entries, INT16_MIN, INT16_MAX).astype(np.int16)
    return table


def _rounded(values: _Reals) -> _Reals:
    """Returns values to the nearest integer, halves away from zero."""
    return np.copysign(np.floor(np.abs(values) + 0.5), values)


def _saturated(values: Integers) -> Integers:
    return np.clip(values, INT16_MIN, INT16_MAX)


def _looked_up(values: Integers, table: np.ndarray) -> Integers:
    """Returns the table at integers of 16 bits, of which the lower seven lie between two entries."""
    wide = table.astype(np.int64)
    entry = 256 + (values >> 7)
    between: Integers = wide[entry] + (((wide[entry + 1] - wide[entry]) * (values & 0x7F) + 64) >> 7)
    return between
