"""The constants of kernels that round as the reference does, whatever a channel's multiplier."""

import numpy as np

from edge_nas.codegen.blocks import BLOCK_OUTPUTS
from edge_nas.codegen.lowering import Lowering
from edge_nas.codegen.program import Table
from edge_nas.codegen.scaling import scale_rounded
from edge_nas.int8.arithmetic import Integers
from edge_nas.int8.operators.weights import Weights

_ENTRY_BYTES = 16


def rounded_channels(lowering: Lowering, weights: Weights, taps: Integers, bias: Integers) -> Table:
    """Returns the constants of all channels and of what fills up the last four, with (channels,) biases."""
    scaled = scale_rounded(weights, taps)
    columns = (bias, scaled.multipliers, scaled.roundings, scaled.exponents, scaled.signs, scaled.shifts)
    rows = np.pad(np.column_stack(columns), ((0, -len(bias) % BLOCK_OUTPUTS), (0, 0)))
    entries = [f"{{{', '.join(map(str, row))}, 0}}" for row in rows.tolist()]
    return lowering.struct_table("EdgeRounded", entries, len(entries), _ENTRY_BYTES * len(entries))
