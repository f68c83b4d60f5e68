"""1 / sqrt(x) of integers in fixed point, bit for bit as TFLite's GetInvSqrtQuantizedMultiplierExp."""

import numpy as np

from edge_nas.int8.arithmetic import INT32_MAX, Integers, doubling_high_multiply, rounding_shift_right

# Newton-Raphson steps from a guess of 1; numbers inside have 28 fractional bits.
_STEPS = 5
_HALF_ROOT_OF_TWO = 1518500250


def inverse_square_root(values: Integers) -> tuple[Integers, Integers]:
    """Returns multipliers with 31 fractional bits, and shifts to the left, of 1 / sqrt(x) for integers up to 2 ** 31.

    0 counts as 1, of which the multiplier is the largest there is.
    """
    x = np.maximum(values, 2)
    quarters = np.zeros_like(x)
    for _ in range(2):  # two are enough below 2 ** 33
        large = x >= 1 << 29
        x, quarters = np.where(large, x // 4, x), quarters + large
    # frexp counts the bits exactly.
    zeros = 32 - np.frexp(x.astype(np.float64))[1].astype(np.int64)
    pairs = (zeros - 1) // 2 - 1
    root = _root(x << (2 * pairs))
    right = 11 + quarters - pairs
    is_one = values <= 1
    multipliers = np.where(is_one, INT32_MAX, root << np.maximum(-right, 0))
    return multipliers, np.where(is_one, 0, -np.maximum(right, 0))


def _root(values: Integers) -> Integers:
    """Returns 1 / sqrt(x), for x in [1/4, 1) after its shift."""
    halved = values >> 1
    half_input = rounding_shift_right(halved, 1)
    x: Integers = np.full_like(values, 1 << 28)
    for _ in range(_STEPS):
        cube = doubling_high_multiply(doubling_high_multiply(x, x), x) << 6
        x = (doubling_high_multiply(x, (1 << 28) + (1 << 27)) - doubling_high_multiply(half_input, cube)) << 3
    return doubling_high_multiply(x, _HALF_ROOT_OF_TWO)
