"""Test vectors: inputs of every kind and what the reference kernels give for them."""

import numpy as np
import numpy.typing as npt

from edge_nas.deployment.ctext import integers
from edge_nas.emulation.frames import KINDS, Frames, make_frames
from edge_nas.runtimes.litert import LitertRuntime

Codes = npt.NDArray[np.int8]


def reference_vectors(data: bytes) -> tuple[Frames, Codes]:
    """Returns one input of each kind, and the (N, ...) int8 outputs of the reference kernels.

    Raises:
        ArtifactError: the file is not int8 at both ends, or cannot be run.
    """
    runtime = LitertRuntime(data, reference=True)
    frames = make_frames(runtime.input_spec.shape[1:], len(KINDS))
    return frames, runtime.run_int8(frames.codes)


def vectors_source(frames: Frames, expected: Codes) -> str:
    """Returns edge_vectors.c for inputs and their expected outputs."""
    names = ", ".join(f'"{kind}"' for kind in frames.kinds)
    return (
        "/* Generated: inputs, and the outputs of TFLite's reference kernels. */\n"
        '#include "edge_vectors.h"\n\n'
        f"const char *const edge_vector_names[EDGE_VECTORS] = {{{names}}};\n\n"
        f"{_array('edge_vector_inputs', 'EDGE_MODEL_INPUT_BYTES', frames.codes)}\n"
        f"{_array('edge_vector_outputs', 'EDGE_MODEL_OUTPUT_BYTES', expected)}"
    )


def _array(name: str, size: str, codes: Codes) -> str:
    rows = "".join(f"    {{\n{integers(row)}\n    }},\n" for row in codes.reshape(len(codes), -1))
    return f"const int8_t {name}[EDGE_VECTORS][{size}] = {{\n{rows}}};\n"
