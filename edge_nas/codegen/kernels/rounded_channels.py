"""The constants of kernels that round as the reference does, whatever a channel's multiplier."""

import numpy as np

from edge_nas.codegen.blocks import BLOCK_OUTPUTS
from edge_nas.codegen.program import Table
from edge_nas.codegen.scaling import scale_rounded
from edge_nas.codegen.tables import struct_table
from edge_nas.int8.arithmetic import Integers
from edge_nas.int8.operators.weights import Weights

_CHANNEL_BYTES = 16  # of the C struct EdgeRounded


def rounded_channels(weights: Weights, taps: Integers, bias: Integers) -> Table:
    """Returns the constants of all channels, and zeros for what fills up the last four.

    Args:
        weights: multipliers and codes.
        taps: (channels, taps) the factors of the input codes.
        bias: (channels,) of the sums.
    """
    scaled = scale_rounded(weights, taps)
    columns = {
        "bias": bias,
        "multiplier": scaled.multipliers,
        "rounding": scaled.roundings,
        "exponent": scaled.exponents,
        "sign": scaled.signs,
        "shift": scaled.shifts,
    }
    rows = np.pad(np.column_stack(list(columns.values())), ((0, -len(bias) % BLOCK_OUTPUTS), (0, 0)))
    channels = [dict(zip(columns, row, strict=True)) for row in rows.tolist()]
    return struct_table("EdgeRounded", channels, _CHANNEL_BYTES)
