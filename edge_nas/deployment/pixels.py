"""Camera pixels to input codes: the one preprocessing formula, worked out for all 256 pixel values."""

import numpy as np
import numpy.typing as npt

from edge_nas.core.artifacts import TensorSpec
from edge_nas.core.preprocessing import Preprocessing
from edge_nas.deployment.ctext import integers
from edge_nas.errors import ArtifactError
from edge_nas.int8.arithmetic import quantize


def pixel_codes(preprocessing: Preprocessing, spec: TensorSpec) -> npt.NDArray[np.int8]:
    """Returns the (256,) int8 input codes of the pixel values 0 to 255, as training and runtimes compute them.

    Raises:
        ArtifactError: the input has no scale and zero point.
    """
    if spec.scale is None or spec.zero_point is None:
        raise ArtifactError(f"input {spec.name!r} is {spec.dtype} and has no scale and zero point; int8 is expected")
    return quantize(preprocessing.apply(np.arange(256, dtype=np.uint8)), spec.scale, spec.zero_point)


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
