"""Test vectors: inputs of every kind and what the reference kernels give for them."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from edge_nas.deployment.ctext import integers
from edge_nas.emulation.frames import KINDS, as_stored, make_frames
from edge_nas.results.artifacts import TensorSpec
from edge_nas.runtimes.litert import LitertRuntime


@dataclass(frozen=True)
class Vectors:
    """What each input is, inputs (N, ...) and the outputs (N, ...) of the reference kernels, of the file's dtypes."""

    kinds: tuple[str, ...]
    inputs: npt.NDArray[Any]
    outputs: npt.NDArray[Any]


def reference_vectors(data: bytes, coded: TensorSpec) -> Vectors:
    """Returns one input of each kind, and the outputs of the reference kernels.

    Args:
        data: the .tflite file.
        coded: its input as int8 codes.

    Raises:
        ArtifactError: the file cannot be run.
    """
    runtime = LitertRuntime(data, reference=True)
    frames = make_frames(runtime.input_spec.shape[1:], len(KINDS))
    inputs = as_stored(frames.codes, runtime.input_spec, coded)
    return Vectors(frames.kinds, inputs, runtime.run_stored(inputs))


def vectors_source(vectors: Vectors) -> str:
    """Returns edge_vectors.c, in which reals are the bytes that they have on little-endian cores."""
    names = ", ".join(f'"{kind}"' for kind in vectors.kinds)
    return (
        "/* Generated: inputs, and the outputs of TFLite's reference kernels. */\n"
        '#include "edge_vectors.h"\n\n'
        f"const char *const edge_vector_names[EDGE_VECTORS] = {{{names}}};\n\n"
        f"{_array('edge_vector_inputs', 'EDGE_MODEL_INPUT_BYTES', vectors.inputs)}\n"
        f"{_array('edge_vector_outputs', 'EDGE_MODEL_OUTPUT_BYTES', vectors.outputs)}"
    )


def _array(name: str, size: str, stored: npt.NDArray[Any]) -> str:
    codes = np.ascontiguousarray(stored).reshape(len(stored), -1).view(np.int8)
    rows = "".join(f"    {{\n{integers(row)}\n    }},\n" for row in codes)
    return f"const int8_t {name}[EDGE_VECTORS][{size}] = {{\n{rows}}};\n"
