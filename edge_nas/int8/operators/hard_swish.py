"""HARD_SWISH, x * clip(x + 3, 0, 6) / 6, in 16-bit fixed point as TFLite's reference: a table."""

from typing import Self

import numpy as np

from edge_nas.int8.arithmetic import Integers, Multiplier, rounding_shift_right
from edge_nas.int8.kinds import SchemaOptions, register
from edge_nas.int8.operands import Operands, single_factor
from edge_nas.int8.operators.lookup import LookupTable, all_codes

_INT16_MIN, _INT16_MAX = -(2**15), 2**15 - 1
# Codes are shifted left by this much, so that 16 bits are well used.
_FINE_BITS = 7
# One step of the value that saturates at the real number 3.
_GATE_SCALE = float(np.float32(3) / np.float32(2**15))


@register("HARD_SWISH", options=SchemaOptions("HardSwishOptions"), version=1)
class HardSwish(LookupTable):
    """A hard swish."""

    @classmethod
    def parse(cls, operands: Operands) -> Self:
        """Returns the table of the hard swish that an operator describes.

        Raises:
            ArtifactError: the output's scale is far finer or coarser than the input's, or anything else that is not
                supported.
        """
        operands.expect_inputs(1, 1)
        source = operands.activation(0)
        output = operands.output(shape=source.shape)
        fine_scale = source.scale / 2**_FINE_BITS
        to_output = operands.multiplier(single_factor(fine_scale, 1.0, output.scale))
        to_gate = operands.multiplier(single_factor(fine_scale, 1.0, _GATE_SCALE))
        if not -15 <= to_output.shift <= 0 or not -15 <= to_gate.shift <= 15:
            raise operands.refusal(
                f"its scales {source.scale} and {output.scale} do not fit into the 16 bits in which it is computed"
            )
        fine = (all_codes() - source.zero_point) << _FINE_BITS
        on_output_scale = _high_multiply(fine, _in_16_bits(to_output))
        gate = (_gate(fine, to_gate) + 2**15) >> 1
        # C's division cuts towards zero, unlike a shift.
        product = gate * on_output_scale
        preshift = np.sign(product) * (np.abs(product) >> 15)
        entries = rounding_shift_right(preshift, -to_output.shift) + output.zero_point
        return cls.of(operands, source, output, entries)


def _gate(fine: Integers, multiplier: Multiplier) -> Integers:
    """Returns x / 3 with 15 fractional bits, saturated to [-1, 1): the left shift is split to lose nothing early."""
    before = _saturated(fine << max(multiplier.shift - 1, 0))
    scaled = _high_multiply(before, _in_16_bits(multiplier))
    if multiplier.shift > 0:
        return _saturated(scaled << 1)
    return rounding_shift_right(scaled, -multiplier.shift)


def _in_16_bits(multiplier: Multiplier) -> int:
    """Returns the multiplier's value with 15 fractional bits instead of 31, rounded."""
    return min((multiplier.value + 2**15) >> 16, _INT16_MAX)


def _high_multiply(values: Integers, multiplier: int) -> Integers:
    """Returns values * multiplier / 2 ** 15, halves upwards."""
    return _saturated((values * multiplier + 2**14) >> 15)


def _saturated(values: Integers) -> Integers:
    clipped: Integers = np.clip(values, _INT16_MIN, _INT16_MAX)
    return clipped
