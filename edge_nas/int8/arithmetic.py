"""Between real numbers and int8 codes: real = scale * (code - zero_point)."""

import numpy as np
import numpy.typing as npt

INT8_MIN, INT8_MAX = -128, 127


def quantize(values: npt.NDArray[np.floating], scale: float, zero_point: int) -> npt.NDArray[np.int8]:
    """Returns clip(round(values / scale) + zero_point, -128, 127) as int8, the rule of the TFLite QUANTIZE operator.

    The quotient is taken in float32 and rounded to the nearest integer, halves away from zero (C's `round`, unlike
    `numpy.round`, which takes halves to even).

    Args:
        values: finite reals of any shape.
        scale: size of one step, > 0.
        zero_point: the code that stands for 0.0, in [-128, 127].

    Raises:
        ValueError: a value is NaN or infinite, for which no code exists.
    """
    if not np.isfinite(values).all():
        raise ValueError("cannot quantize: the values hold NaN or infinity")
    # float64 from here on: in float32, 0.49999997 + 0.5 would already be 1.0.
    quotient = (values.astype(np.float32) / np.float32(scale)).astype(np.float64)
    rounded = np.copysign(np.floor(np.abs(quotient) + 0.5), quotient)
    codes: npt.NDArray[np.int8] = np.clip(rounded + zero_point, INT8_MIN, INT8_MAX).astype(np.int8)
    return codes


def dequantize(codes: npt.NDArray[np.integer], scale: float, zero_point: int) -> npt.NDArray[np.float32]:
    """Returns scale * (codes - zero_point) as float32, of the shape of `codes`."""
    return (codes.astype(np.float32) - np.float32(zero_point)) * np.float32(scale)
