"""Two weights in the 16 bits of one lane: one byte per weight in flash, and one instruction where two would widen them.

A lane holds 256 * second + first: weights of two outputs for one input. A dual multiplication adds up T = 256 * Sb + Sa
modulo 2^32, where Sa is the sum with the first weights and Sb that with the second. The lane's low byte, widened, is
`first` and adds up Sa by itself. What is left, (T - Sa) / 256, is exactly Sb, as long as that fits into 24 bits.
"""

import numpy as np
import numpy.typing as npt

from edge_nas.int8.arithmetic import Integers

LEAST_LANE, MOST_LANE = -(2**15), 2**15 - 1
MOST_SECOND_SUM = 2**23 - 1


def packed(first: Integers, second: Integers) -> Integers:
    """Returns the lanes of two arrays of int8 weights of one shape."""
    return 256 * second + first


def fit(outputs: Integers) -> bool:
    """Returns whether the weights of successive outputs, (..., outputs even in number, taps), can share lanes.

    They can but for a second weight of -128 beside a negative first one.
    """
    both = packed(outputs[..., 0::2, :], outputs[..., 1::2, :])
    return bool(both.size == 0 or (both.min() >= LEAST_LANE and both.max() <= MOST_LANE))


def sums_fit(second: Integers, *, signed: bool = True) -> bool:
    """Returns whether sums of codes times the weights that share their lanes as second, (..., taps), fit.

    Codes are those from -128 to 127, or where they are not signed, from 0 to 255.
    """
    if second.size == 0:
        return True
    positive, negative = np.maximum(second, 0).sum(axis=-1), np.maximum(-second, 0).sum(axis=-1)
    largest = 128 * (positive + negative) if signed else 255 * np.maximum(positive, negative)
    return bool(largest.max() <= MOST_SECOND_SUM)


def words(lanes: Integers) -> npt.NDArray[np.uint32]:
    """Returns words of two lanes, (..., 2) -> (...): the first in the lower half."""
    halves = lanes & 0xFFFF
    joined: npt.NDArray[np.uint32] = (halves[..., 0] | halves[..., 1] << 16).astype(np.uint32)
    return joined
