"""Sensor values to input codes as C: what training computes of every value, byte for byte.

| values | C |
|---|---|
| one byte, one formula for all channels | a table of 256 codes, or a flipped bit |
| integers | per channel value * multiplier + addend in fixed point, proven here for every value that there is |
| floats, and integers for which no such constants exist | the formula itself in single precision, in the same order |

Codes, of int8 or of int16 as the network takes them, never fall where values rise, so that one line can pass through
all 255 steps of the former. The formula takes one operation of
IEEE 754 at a time, a quotient and a sum: no compiler may contract or reorder them unless it is told to, and then the C
does not compile (design note 31).
"""

from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from edge_nas.core.arrays import Codes
from edge_nas.core.preprocessing import PIXELS
from edge_nas.core.samples import PICTURE_CHANNELS, SampleFormat
from edge_nas.deployment.ctext import c_real, integers
from edge_nas.errors import ArtifactError
from edge_nas.int8.arithmetic import INT8_MAX, INT8_MIN, quantize
from edge_nas.results.artifacts import TensorSpec

_END_TOLERANCE = 0.05
"""How far each end of an input's range may be from that of pixels, as a share of the latter: images seen in
calibration seldom hold both black and white."""
_MULTIPLIER_BITS = 31
_MOST_SHIFT = 48
"""A code of 8 bits shifted so far, and a product of 31 and 17 bits, leave room for the sign in 64."""
_FAR = 2**60
# As TFLite's QUANTIZE: to the nearest integer, halves away from zero, clipped. NaN fails the first comparison.
_CODE_OF = """static {code_type} code_of(float steps, int32_t zero_point)
{{
    if (!(steps > -{far:.1f}f)) return {low};
    if (steps > {far:.1f}f) return {high};
    const int32_t whole = (int32_t)steps;
    const float rest = steps - (float)whole; /* exact */
    const int32_t code = whole + (rest >= 0.5f) - (rest <= -0.5f) + zero_point;
    return ({code_type})(code < {low} ? {low} : code > {high} ? {high} : code);
}}
"""
_C_TYPES = {"uint8": "uint8_t", "int8": "int8_t", "uint16": "uint16_t", "int16": "int16_t", "float32": "float"}


class Preprocess(NamedTuple):
    """edge_preprocess.c, the C types of the values that it takes and of its codes, and the bytes of its constants."""

    source: str
    c_type: str
    code_type: str
    constant_bytes: int


class Line(NamedTuple):
    """code = round((value * multiplier + addend) / 2^shift) + zero_point, halves away from zero, clipped."""

    multiplier: int
    addend: int
    shift: int
    zero_point: int

    def codes_of(self, values: npt.NDArray[Any], dtype: str = "int8") -> Codes:
        """Returns the codes of integers."""
        steps = values.astype(np.int64) * self.multiplier + self.addend
        rounded = (steps + (1 << (self.shift - 1)) - (steps < 0)) >> self.shift
        info = np.iinfo(dtype)
        codes: Codes = np.clip(rounded + self.zero_point, info.min, info.max).astype(dtype)
        return codes


def codes_of(sample: SampleFormat, spec: TensorSpec, values: npt.NDArray[Any]) -> Codes:
    """Returns the input codes of stored values (..., channels), as training and runtimes compute them.

    Raises:
        ArtifactError: the input has no scale and zero point.
    """
    return quantize(sample.preprocessing.apply(values), *_quantization(spec), spec.dtype)


def preprocess_of(sample: SampleFormat, spec: TensorSpec) -> Preprocess:
    """Returns the C for samples of a format and the input of a quantized network.

    Raises:
        ArtifactError: the input has no scale and zero point.
    """
    c_type = _C_TYPES[sample.dtype]
    if sample.dtype == "float32":
        return _by_formula(sample, spec, c_type)
    every_value = np.arange(np.iinfo(sample.dtype).min, np.iinfo(sample.dtype).max + 1)
    if sample.input_range is not None and not sample.preprocessing.by_channel:
        return _by_table(codes_of(sample, spec, every_value), c_type)
    lines = _lines(sample, spec, every_value)
    return _by_formula(sample, spec, c_type) if lines is None else _by_lines(lines, c_type, spec.dtype)


def why_no_pixels(spec: TensorSpec) -> str | None:
    """Returns why an input is hardly one of pixels in [-1, 1], and what to do; None where it looks like one.

    It does where it is one image (1, H, W, C) of 1 or 3 channels whose codes stand for the range of the scaled pixels.

    Raises:
        ArtifactError: the input has no scale and zero point.
    """
    scale, zero_point = _quantization(spec)
    low, high = (float(end) for end in PIXELS.apply(np.array([0, 255], np.uint8)))
    least, most = (int(end) for end in (np.iinfo(spec.dtype).min, np.iinfo(spec.dtype).max))
    lowest, highest = scale * (least - zero_point), scale * (most - zero_point)
    if len(spec.shape) != 4 or spec.shape[0] != 1 or spec.shape[3] not in PICTURE_CHANNELS:
        reason = f"the input of shape {spec.shape} is not one image of 1 or 3 channels"
    elif max(abs(lowest - low), abs(highest - high)) > _END_TOLERANCE * (high - low):
        formula = f"pixel / {PIXELS.divisor:g} - 1"
        reason = f"the input takes [{lowest:.3g}, {highest:.3g}], not the [{low:g}, {high:g}] of {formula}"
    else:
        return None
    sign = "-" if zero_point < 0 else "+"
    return (
        f"{reason}; fill edge_model_input() yourself, with a code of scale {scale:.9g} and zero point {zero_point} "
        f"for each input x: round(x / {scale:.9g}) {sign} {abs(zero_point)}, at least {least} and at most {most}"
    )


def _quantization(spec: TensorSpec) -> tuple[float, int]:
    if spec.scale is None or spec.zero_point is None:
        raise ArtifactError(f"input {spec.name!r} is {spec.dtype} and has no scale and zero point; codes are expected")
    if spec.dtype not in ("int8", "int16"):
        raise ArtifactError(f"input {spec.name!r} is {spec.dtype}; codes of int8 or int16 are expected")
    return spec.scale, spec.zero_point


def _by_table(codes: Codes, c_type: str) -> Preprocess:
    """Returns C for the 256 codes of values of one byte, in the order of their values."""
    code_type = _C_TYPES[str(codes.dtype)]
    table, code, size = "", "(int8_t)(pixels[i] - 128)", 0
    if c_type == "int8_t":  # a byte that is negative is its value plus 256: those codes come last
        codes, code = np.roll(codes, -INT8_MIN), "pixels[i]"
        if codes.dtype != np.int8 or not np.array_equal(codes.view(np.uint8), np.arange(256)):
            table, code, size = _table(codes), "codes_of[(uint8_t)pixels[i]]", codes.nbytes
    elif not np.array_equal(codes, np.arange(INT8_MIN, INT8_MAX + 1)):
        table, code, size = _table(codes), "codes_of[pixels[i]]", codes.nbytes
    source = (
        "/* Generated: camera pixels as the network's input codes. */\n"
        '#include "edge_preprocess.h"\n\n'
        f"{table}"
        f"void edge_preprocess(const {c_type} *pixels, {code_type} *codes, uint32_t count)\n"
        "{\n"
        "    for (uint32_t i = 0; i < count; i++) {\n"
        f"        codes[i] = {code};\n"
        "    }\n"
        "}\n"
    )
    return Preprocess(source, c_type, code_type, size)


def _table(codes: Codes) -> str:
    return f"static const {_C_TYPES[str(codes.dtype)]} codes_of[256] = {{\n{integers(codes)}\n}};\n\n"


def _lines(sample: SampleFormat, spec: TensorSpec, every_value: npt.NDArray[np.integer]) -> tuple[Line, ...] | None:
    """Returns a line for each channel, or one for all; None where a channel has none that gives every code."""
    channels = sample.shape[-1] if sample.preprocessing.by_channel else 1
    codes = codes_of(sample, spec, np.repeat(every_value[:, np.newaxis], channels, axis=1))
    scale, zero_point = _quantization(spec)
    divisors = np.broadcast_to(np.asarray(sample.preprocessing.divisor, np.float64), (channels,))
    found = [
        line_through(every_value, column, 1.0 / (float(divisor) * scale), zero_point)
        for column, divisor in zip(codes.T, divisors, strict=True)
    ]
    lines = tuple(line for line in found if line is not None)
    return lines if len(lines) == channels else None


def line_through(values: npt.NDArray[np.integer], codes: Codes, slope: float, zero_point: int) -> Line | None:
    """Returns constants that give each of ascending values its code; None where none of the shifts has any.

    Args:
        values: all values that there are, ascending.
        codes: theirs, which never fall.
        slope: codes from one value to the next, about.
        zero_point: the code of 0, away from which halves are rounded.
    """
    numbers, column = values.astype(np.int64), codes.astype(np.int64) - zero_point
    first = np.flatnonzero(np.diff(column)) + 1  # where a code is reached first
    # At its first value a code is reached and at the one before it is not; at the ends, only what is not clipped.
    info, dtype = np.iinfo(codes.dtype), str(codes.dtype)
    reached = np.concatenate([first, [0] if codes[0] > info.min else []]).astype(np.intp)
    missed = np.concatenate([first - 1, [-1] if codes[-1] < info.max else []]).astype(np.intp)
    for shift in range(_MOST_SHIFT, 0, -1):
        multiplier = round(slope * 2.0**shift)
        if not 0 < multiplier < 2**_MULTIPLIER_BITS:
            continue
        least = _bound(column[reached], shift) - multiplier * numbers[reached]
        most = _bound(column[missed] + 1, shift) - 1 - multiplier * numbers[missed]
        low, high = (int(ends) for ends in (least.max(initial=-_FAR), most.min(initial=_FAR)))
        line = Line(multiplier, (low + high) // 2, shift, zero_point)
        if low <= high and np.array_equal(line.codes_of(values, dtype), codes):
            return line
    return None


def _bound(steps: npt.NDArray[np.int64], shift: int) -> npt.NDArray[np.int64]:
    """Returns the least fixed-point numbers that are rounded to so many steps or more, halves away from zero."""
    return (steps << shift) - (1 << (shift - 1)) + (steps <= 0)


def _by_lines(lines: tuple[Line, ...], c_type: str, dtype: str) -> Preprocess:
    code_type, info = _C_TYPES[dtype], np.iinfo(dtype)
    multipliers, addends, shifts, zero_points = zip(*lines, strict=True)
    source = (
        "/* Generated: sensor values as the network's input codes, channel by channel; each value that there is was\n"
        " * compared with what training computes. */\n"
        '#include "edge_preprocess.h"\n\n'
        f"#define CHANNELS {len(lines)}\n\n"
        f"static const int32_t multipliers[CHANNELS] = {{{_listed(multipliers)}}};\n"
        f"static const int64_t addends[CHANNELS] = {{{_listed(addends, 'LL')}}};\n"
        f"static const uint8_t shifts[CHANNELS] = {{{_listed(shifts)}}};\n\n"
        f"void edge_preprocess(const {c_type} *values, {code_type} *codes, uint32_t count)\n"
        "{\n"
        "    uint32_t channel = 0;\n"
        "    for (uint32_t i = 0; i < count; i++) {\n"
        "        const int64_t steps = values[i] * (int64_t)multipliers[channel] + addends[channel];\n"
        "        const int64_t half = (int64_t)1 << (shifts[channel] - 1);\n"
        f"        const int64_t code = ((steps + half - (steps < 0)) >> shifts[channel]) + ({zero_points[0]});\n"
        f"        codes[i] = ({code_type})(code < {info.min} ? {info.min} : code > {info.max} ? {info.max} : code);\n"
        "        if (++channel == CHANNELS) channel = 0;\n"
        "    }\n"
        "}\n"
    )
    return Preprocess(source, c_type, code_type, 13 * len(lines))


def _by_formula(sample: SampleFormat, spec: TensorSpec, c_type: str) -> Preprocess:
    scale, zero_point = _quantization(spec)
    code_type, info = _C_TYPES[spec.dtype], np.iinfo(spec.dtype)
    # Far outside of the codes, whatever the zero point, and far inside of what an int32 holds.
    code_of = _CODE_OF.format(code_type=code_type, low=info.min, high=info.max, far=-4.0 * info.min)
    formula = sample.preprocessing
    channels = sample.shape[-1] if formula.by_channel else 1
    divisors, offsets = (
        np.broadcast_to(np.asarray(x, np.float32), (channels,)) for x in (formula.divisor, formula.offset)
    )
    source = (
        "/* Generated: sensor values as the network's input codes, channel by channel; a value that is no number gets\n"
        " * the lowest code. */\n"
        '#include "edge_preprocess.h"\n\n'
        "#ifdef __FAST_MATH__\n"
        "#error codes would differ from those of training: compile this file without -ffast-math\n"
        "#endif\n\n"
        f"#define CHANNELS {channels}\n\n"
        f"static const float divisors[CHANNELS] = {{{_reals(divisors)}}};\n"
        f"static const float offsets[CHANNELS] = {{{_reals(offsets)}}};\n\n"
        f"{code_of}\n"
        f"void edge_preprocess(const {c_type} *values, {code_type} *codes, uint32_t count)\n"
        "{\n"
        "    uint32_t channel = 0;\n"
        "    for (uint32_t i = 0; i < count; i++) {\n"
        "        const float input = (float)values[i] / divisors[channel] + offsets[channel];\n"
        f"        codes[i] = code_of(input / {c_real(scale)}, {zero_point});\n"
        "        if (++channel == CHANNELS) channel = 0;\n"
        "    }\n"
        "}\n"
    )
    return Preprocess(source, c_type, code_type, 8 * channels)


def _listed(numbers: tuple[int, ...], suffix: str = "") -> str:
    return ", ".join(f"{number}{suffix}" for number in numbers)


def _reals(numbers: npt.NDArray[np.float32]) -> str:
    return ", ".join(c_real(float(number)) for number in numbers)
