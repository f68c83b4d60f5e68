"""The ends of a network as C: how what `edge_model_invoke` takes becomes codes, and codes what it gives."""

from collections.abc import Iterable

import numpy as np

from edge_nas.codegen.descriptors import constant
from edge_nas.codegen.sources import resource
from edge_nas.codegen.tables import table
from edge_nas.int8.ends import End

C_TYPES = {"int8": "int8_t", "uint8": "uint8_t", "float32": "float"}

# Each code is the byte with its highest bit flipped, as where only the zero point moves by 128.
_BYTES = np.arange(256)


def kernels(source: End) -> Iterable[str]:
    """Yields the functions that the conversions need, as those of kernels stand in edge_model.c."""
    if source.outside.dtype == "float32":
        yield f"/* Kernel: edge_reals. */\n{resource('edge_reals.h').strip()}\n"


def tables(source: End, target: End) -> str:
    """Returns the tables that the conversions need; nothing where they need none."""
    texts = []
    if source.outside.dtype == "uint8" and not _input_flips(source):
        texts.append(constant("edge_input_codes", table(source.codes_of_bytes())))
    if target.outside.dtype == "uint8" and not _output_flips(target):
        texts.append(constant("edge_output_bytes", table(target.bytes_of_codes())))
    return "\n\n".join(texts)


def take(source: End) -> str:
    """Returns the statements that write the codes of `input` where the network reads them."""
    if not source.converts:
        return "  memcpy(edge_model_input(), input, EDGE_MODEL_INPUT_BYTES);"
    if source.outside.dtype == "float32":
        code = "edge_code_of_real(input[i], EDGE_MODEL_INPUT_SCALE, EDGE_MODEL_INPUT_ZERO_POINT)"
    elif _input_flips(source):
        code = "(int8_t)(input[i] - 128)"
    else:
        code = "edge_input_codes[input[i]]"
    return "\n".join(
        [
            "  int8_t *codes = edge_model_input();",
            f"  for (int32_t i = 0; i < EDGE_MODEL_INPUT_CODES; i++) codes[i] = {code};",
        ]
    )


def give(target: End) -> str:
    """Returns the statements that write `output` from the codes that the network has made."""
    if not target.converts:
        return "  memcpy(output, edge_model_output(), EDGE_MODEL_OUTPUT_BYTES);"
    if target.outside.dtype == "float32":
        value = "EDGE_MODEL_OUTPUT_SCALE * (float)(answer[i] - EDGE_MODEL_OUTPUT_ZERO_POINT)"
    elif _output_flips(target):
        value = "(uint8_t)(answer[i] + 128)"
    else:
        value = "edge_output_bytes[answer[i] + 128]"
    return "\n".join(
        [
            "  const int8_t *answer = edge_model_output();",
            f"  for (int32_t i = 0; i < EDGE_MODEL_OUTPUT_CODES; i++) output[i] = {value};",
        ]
    )


def _input_flips(source: End) -> bool:
    return np.array_equal(source.codes_of_bytes(), _BYTES - 128)


def _output_flips(target: End) -> bool:
    return np.array_equal(target.bytes_of_codes(), _BYTES)
