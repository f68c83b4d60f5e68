"""LOGISTIC and TANH on int16 codes: a table of 256 entries of the logistic function, and lines between them."""

from dataclasses import dataclass
from typing import Self

import numpy as np
import numpy.typing as npt

from edge_nas.int8.arithmetic import Integers
from edge_nas.int8.kinds import register_short
from edge_nas.int8.operands import Operands, ParsedOperator, Stored
from edge_nas.int8.operators import sigmoid  # noqa: F401 - which names the kinds

# Entry i is the logistic function of i / 24: up to 10.7 (TFLite's sigmoid_table_uint16).
_ENTRIES_PER_ONE = 24
# Of the input's integers: 24 entries, each of 2 ** 9 of them, stand for one.
_STEPS = 4096.0 * 3.0
_OUTPUT_SCALE = 2.0**-15


@register_short("LOGISTIC", "TANH")
@dataclass(frozen=True, eq=False, kw_only=True)
class ShortFunction(ParsedOperator):
    """A logistic function or a hyperbolic tangent.

    Attributes:
        is_tanh: which of both.
        multiplier, shift: from codes to the places in the table, with 9 fractional bits: (code * multiplier + half) >>
            shift.
    """

    is_tanh: bool
    multiplier: int
    shift: int

    @classmethod
    def parse(cls, operands: Operands) -> Self:
        """Returns the function that an operator describes.

        Raises:
            ArtifactError: another output scale than 2 ** -15, an input scale of 2 ** -12, which the reference computes
                in another way, or anything else that is not supported.
        """
        operands.expect_inputs(1, 1)
        source = operands.short(0)
        output = operands.short_output(shape=source.shape)
        if output.scale != _OUTPUT_SCALE:
            raise operands.refusal(f"the output has scale {output.scale}; supported: {_OUTPUT_SCALE}")
        is_tanh = operands.kind == "TANH"
        if source.scale == 2.0**-12 or (is_tanh and source.scale == 2.0**-11):
            raise operands.refusal(f"the input has scale {source.scale}; any but 2 ** -12 (and 2 ** -11) is supported")
        factor, shift = source.scale * _STEPS, 0
        while factor <= 32767.0 / 2.0 and shift <= 30:
            factor, shift = factor * 2.0, shift + 1
        if factor >= 2**16:
            raise operands.refusal(f"the input's scale {source.scale} is too large; below 5 is supported")
        return cls(**operands.wiring((source,), output), is_tanh=is_tanh, multiplier=int(factor), shift=shift)

    def run(self, codes: Stored) -> Stored:
        """Returns the output codes (N, ...) for input codes (N, ...)."""
        half = (1 << self.shift) >> 1
        places = (codes.astype(np.int64) * self.multiplier + half) >> self.shift
        return (_tanh(places) if self.is_tanh else _logistic(places)).astype(np.int16)


def logistic_table() -> npt.NDArray[np.uint16]:
    """Returns 65536 times the logistic function of i / 24 for i from 0 to 255, (256,) uint16.

    Each is raised by half of what the line to the next one is too low in the middle; the last is 65535.
    """
    values = 65536 / (1 + np.exp(-np.arange(0, 256.5, 0.5) / _ENTRIES_PER_ONE))
    entries, middles, following = values[:-2:2], values[1:-1:2], values[2::2]
    raised = entries + (middles - (entries + following) / 2) / 2
    raised[-1] = 65535
    table: npt.NDArray[np.uint16] = np.floor(raised + 0.5).astype(np.uint16)
    return table


def _logistic(places: Integers) -> Integers:
    share = np.where(np.abs(places) >> 9 >= 255, 0x7FFF << 10, _between(np.abs(places), 9))
    signed = np.where(places >= 0, share + (1 << 9), (1 << 25) - share + (1 << 9) - 1)
    return signed >> 10


def _tanh(places: Integers) -> Integers:
    share = np.where(np.abs(places) >> 8 >= 255, 0xFFFF << 8, _between(np.abs(places), 8))
    signed = np.where(places >= 0, share - (1 << 23) + (1 << 7), -share + (1 << 23) + (1 << 7) - 1)
    return signed >> 8


def _between(places: Integers, bits: int) -> Integers:
    """Returns the table at places with so many fractional bits, with as many."""
    table = logistic_table().astype(np.int64)
    entry = np.minimum(places >> bits, 254)
    rest = places & ((1 << bits) - 1)
    between: Integers = (table[entry] << bits) + rest * (table[entry + 1] - table[entry])
    return between
