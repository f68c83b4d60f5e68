"""Test vectors: inputs of every kind and what the reference kernels give for them."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from edge_nas.deployment.ctext import integers
from edge_nas.emulation.frames import KINDS, packed, stored_frames
from edge_nas.results.compile import CompiledModel
from edge_nas.runtimes.reference import run_reference


@dataclass(frozen=True)
class Vectors:
    """What each frame is, and of the file's dtypes (N, ...) for each input and for each output of the reference."""

    kinds: tuple[str, ...]
    inputs: tuple[npt.NDArray[Any], ...]
    outputs: tuple[npt.NDArray[Any], ...]


def reference_vectors(data: bytes, compiled: CompiledModel) -> Vectors:
    """Returns one frame of each kind, and the outputs of the reference kernels.

    Args:
        data: the .tflite file.
        compiled: the C made of it, which knows its ends.

    Raises:
        ArtifactError: the file cannot be run.
    """
    frames = stored_frames(compiled.inputs, len(KINDS))
    return Vectors(frames.kinds, frames.inputs, tuple(run_reference(data, frames.inputs)))


def vectors_source(vectors: Vectors) -> str:
    """Returns edge_vectors.c: all inputs of a frame one after the other, reals as bytes of little-endian cores."""
    names = ", ".join(f'"{kind}"' for kind in vectors.kinds)
    return (
        "/* Generated: inputs, and the outputs of TFLite's reference kernels. */\n"
        '#include "edge_vectors.h"\n\n'
        f"const char *const edge_vector_names[EDGE_VECTORS] = {{{names}}};\n\n"
        f"{_array('edge_vector_inputs', 'EDGE_MODEL_INPUT_BYTES', packed(vectors.inputs))}\n"
        f"{_array('edge_vector_outputs', 'EDGE_MODEL_OUTPUT_BYTES', packed(vectors.outputs))}"
    )


def _array(name: str, size: str, codes: npt.NDArray[np.int8]) -> str:
    rows = "".join(f"    {{\n{integers(row)}\n    }},\n" for row in codes)
    return f"const int8_t {name}[EDGE_VECTORS][{size}] = {{\n{rows}}};\n"
