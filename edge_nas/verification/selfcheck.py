"""Generated C tried at once on this machine, beside the reference kernels, on a handful of frames.

It is what `compile` does before it writes a file: the whole proof is `verify`'s.
"""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from edge_nas.codegen.compile import compile_tflite, write_compiled
from edge_nas.core.temporary import temporary_folder
from edge_nas.emulation import install_advice, run_on_host
from edge_nas.emulation.frames import StoredFrames, packed, stored_frames
from edge_nas.emulation.tools import HOST_GCC
from edge_nas.errors import ArtifactError, EdgeNasError, GateError, ResourceError
from edge_nas.results.compile import CompiledModel, HostCheck
from edge_nas.runtimes.reference import run_reference
from edge_nas.verification.culprit import first_difference
from edge_nas.verification.differences import DifferenceError, Stored, require_all_equal

# Each kind of frame once, and those that vary once more: wrong layouts and wrong clipping show in the first already.
_FRAMES = 8


def check_on_host(data: bytes, compiled: CompiledModel, source: str) -> HostCheck:
    """Returns on how many frames the C gave the bytes of the reference kernels, or why it was not tried.

    Args:
        data: the .tflite file.
        compiled: the C that was made of it, under its own names (`codegen.prefix` renames).
        source: what to call the file, for messages.

    Raises:
        EdgeNasError: the C does not compile, does not end or computes something else, which is a fault of ours.
    """
    if HOST_GCC.path is None:
        return HostCheck(skipped=f"gcc is missing; {install_advice((HOST_GCC,))}")
    frames = stored_frames(compiled.inputs, _FRAMES)
    try:
        expected = run_reference(data, frames.inputs, source=source)
    except (ArtifactError, ResourceError) as error:
        return HostCheck(skipped=f"the reference kernels do not take the file: {error}")
    with temporary_folder() as folder:
        for file in compiled.files:
            (folder / file.name).write_text(file.text, encoding="utf-8")
        try:
            # Sanitizers would take three times as long; they look for what reads and writes outside, and `verify` has
            # them. Level 0 compiles fastest.
            outputs = run_on_host(folder, packed(frames.inputs), sanitize=False, optimization="-O0")
            require_all_equal(expected, outputs, frames.kinds, "host")
        except GateError as error:
            where = _first_difference(data, source, frames, compiled, error)
            raise EdgeNasError(
                f"{source}: the C made of it is wrong, and none was written. {error}{where}. "
                "This is a fault of edge-nas: please report it with the file"
            ) from error
    return HostCheck(inputs=len(outputs))


def _first_difference(data: bytes, source: str, frames: StoredFrames, compiled: CompiledModel, error: GateError) -> str:
    """Returns which operator differs first, where a byte does."""
    if not isinstance(error, DifferenceError):
        return ""

    def program(cut: bytes, inputs: Sequence[Stored]) -> npt.NDArray[np.int8]:
        with temporary_folder() as folder:
            write_compiled(
                compile_tflite(cut, optimize=compiled.optimize, esp32s3_vectors=compiled.esp32s3_vectors), folder
            )
            return run_on_host(folder, packed(inputs), sanitize=False, optimization="-O0")

    calls = [values[: error.frame + 1] for values in frames.inputs]
    return f"; {first_difference(data, source, calls, program)}"
