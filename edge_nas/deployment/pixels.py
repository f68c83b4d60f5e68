"""Camera pixels to input codes: the one preprocessing formula, worked out for all 256 pixel values."""

import numpy as np
import numpy.typing as npt

from edge_nas.core.preprocessing import Factors, Preprocessing
from edge_nas.deployment.ctext import integers
from edge_nas.errors import ArtifactError, EdgeNasError
from edge_nas.int8.arithmetic import INT8_MAX, INT8_MIN, quantize
from edge_nas.results.artifacts import TensorSpec

_END_TOLERANCE = 0.05
"""How far each end of an input's range may be from that of pixels, as a share of the latter: images seen in
calibration seldom hold both black and white."""


def pixel_codes(preprocessing: Preprocessing, spec: TensorSpec) -> npt.NDArray[np.int8]:
    """Returns the (256,) int8 input codes of the pixel values 0 to 255, as training and runtimes compute them.

    Raises:
        ArtifactError: the input has no scale and zero point.
    """
    return quantize(preprocessing.apply(np.arange(256, dtype=np.uint8)), *_quantization(spec))


def why_no_pixels(preprocessing: Preprocessing, spec: TensorSpec) -> str | None:
    """Returns why an input is hardly one of pixels so scaled, and what to do; None where it looks like one.

    It does where it is one image (1, H, W, C) of 1 or 3 channels whose codes stand for the range of the scaled pixels.

    Raises:
        ArtifactError: the input has no scale and zero point.
    """
    scale, zero_point = _quantization(spec)
    low, high = (float(end) for end in preprocessing.apply(np.array([0, 255], np.uint8)))
    lowest, highest = scale * (INT8_MIN - zero_point), scale * (INT8_MAX - zero_point)
    if len(spec.shape) != 4 or spec.shape[0] != 1 or spec.shape[3] not in {1, 3}:
        reason = f"the input of shape {spec.shape} is not one image of 1 or 3 channels"
    elif max(abs(lowest - low), abs(highest - high)) > _END_TOLERANCE * (high - low):
        formula = f"pixel / {_number(preprocessing.divisor):g} {_signed(_number(preprocessing.offset))}"
        reason = f"the input takes [{lowest:.3g}, {highest:.3g}], not the [{low:g}, {high:g}] of {formula}"
    else:
        return None
    return (
        f"{reason}; fill edge_model_input() yourself, with a code of scale {scale:.9g} and zero point {zero_point} "
        f"for each input x: round(x / {scale:.9g}) {_signed(zero_point)}, at least {INT8_MIN} and at most {INT8_MAX}"
    )


def _number(factors: Factors) -> float:
    """Returns the factor of a formula that is the same for all channels, as that of pixels is."""
    if isinstance(factors, tuple):
        raise EdgeNasError("a formula by channel is no guess: it is known of the run that the network is from")
    return factors


def _signed(number: float) -> str:
    """Returns a summand with its sign before it, such as "- 1"."""
    return f"{'-' if number < 0 else '+'} {abs(number):g}"


def _quantization(spec: TensorSpec) -> tuple[float, int]:
    if spec.scale is None or spec.zero_point is None:
        raise ArtifactError(f"input {spec.name!r} is {spec.dtype} and has no scale and zero point; int8 is expected")
    return spec.scale, spec.zero_point


def is_sign_flip(codes: npt.NDArray[np.int8]) -> bool:
    """Returns whether each code is its pixel value less 128, which is its byte with the highest bit flipped."""
    return bool((codes == np.arange(-128, 128)).all())


def preprocess_source(codes: npt.NDArray[np.int8]) -> str:
    """Returns edge_preprocess.c for the 256 codes: a table, or the exact formula where there is one."""
    if is_sign_flip(codes):
        table, code = "", "(int8_t)(pixels[i] - 128)"
    else:
        table = f"static const int8_t codes_of[256] = {{\n{integers(codes)}\n}};\n\n"
        code = "codes_of[pixels[i]]"
    return (
        "/* Generated: camera pixels as the network's input codes. */\n"
        '#include "edge_preprocess.h"\n\n'
        f"{table}"
        "void edge_preprocess(const uint8_t *pixels, int8_t *codes, uint32_t count)\n"
        "{\n"
        "    for (uint32_t i = 0; i < count; i++) {\n"
        f"        codes[i] = {code};\n"
        "    }\n"
        "}\n"
    )
