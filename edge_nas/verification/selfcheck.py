"""Generated C tried at once on this machine, beside the reference kernels, on a handful of frames.

It is what `compile` does before it writes a file: the whole proof is `verify`'s.
"""

from edge_nas.core.temporary import temporary_folder
from edge_nas.emulation import install_advice, run_on_host
from edge_nas.emulation.frames import packed, stored_frames
from edge_nas.emulation.tools import HOST_GCC
from edge_nas.errors import ArtifactError, EdgeNasError, GateError, ResourceError
from edge_nas.results.compile import CompiledModel, HostCheck
from edge_nas.runtimes.reference import run_reference
from edge_nas.verification.differences import require_all_equal

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
            raise EdgeNasError(
                f"{source}: the C made of it is wrong, and none was written. {error}. "
                "This is a fault of edge-nas: please report it with the file"
            ) from error
    return HostCheck(inputs=len(outputs))
