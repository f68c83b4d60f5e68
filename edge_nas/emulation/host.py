"""Runs generated C on this machine, with the sanitizers that find what an emulator would let pass."""

from importlib import resources
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from edge_nas.core.processes import TimeLimitError, run
from edge_nas.core.temporary import temporary_folder
from edge_nas.emulation.image import COMPILE_LIMIT_S, WARNINGS
from edge_nas.emulation.tools import HOST_GCC, require
from edge_nas.errors import EdgeNasError, GateError

Codes = npt.NDArray[np.int8]

SANITIZERS = ("-fsanitize=address,undefined", "-fno-sanitize-recover=all", "-fno-omit-frame-pointer")
RUN_LIMIT_S, FRAME_LIMIT_S = 600.0, 1.0
_WRONG_SIZE = 10  # host.c's exit code for frames of another size


def run_on_host(
    sources: Path,
    inputs: npt.NDArray[Any],
    *,
    sanitize: bool = True,
    optimization: str = "-O1",
    limit_s: float | None = None,
    reset_every: int | None = None,
) -> Codes:
    """Returns the (N, output_bytes) int8 outputs of the generated C in `sources` for inputs (N, ...), N > 0.

    Frames go in turn through the arena's own buffers and through `edge_model_invoke`; all through the latter where the
    file converts what it takes or gives.

    Args:
        sources: folder with edge_model.h and the network's C files.
        inputs: frames of EDGE_MODEL_INPUT_BYTES each, of the file's dtype.
        sanitize: compile with the address and undefined-behaviour sanitizers.
        optimization: gcc's level.
        reset_every: after how many frames a network forgets what it keeps from call to call; default: never.
        limit_s: seconds for the run; default: ten minutes, and one second for each frame.

    Raises:
        ResourceError: gcc is missing.
        GateError: the C does not compile without a warning, a sanitizer finds something, or it does not end in time.
        EdgeNasError: the frames are not of the size that the header says.
    """
    frames = np.ascontiguousarray(inputs).reshape(len(inputs), -1).view(np.int8)
    limit_s = RUN_LIMIT_S + FRAME_LIMIT_S * len(frames) if limit_s is None else limit_s
    with temporary_folder() as folder:
        program = build_host_program(sources, folder, sanitize=sanitize, optimization=optimization)
        # host.c reads before each frame whether it goes through `edge_model_invoke`: every second one does.
        invoked = (np.arange(len(frames)) % 2).astype(np.int8)
        if reset_every is not None:
            invoked[::reset_every] += 2
        stdin = np.column_stack([invoked, frames]).tobytes()
        try:
            finished = run([str(program)], limit_s=limit_s, stdin=stdin)
        except TimeLimitError as error:
            raise GateError(f"host: the generated C did not end within {limit_s:g} s; use fewer frames") from error
    if finished.code == _WRONG_SIZE:
        raise EdgeNasError(f"host: frames of {frames.shape[1]} bytes are not of EDGE_MODEL_INPUT_BYTES")
    if finished.code != 0:
        raise GateError(f"host: the generated C ended with code {finished.code}: {finished.complaint}")
    if not finished.stdout or len(finished.stdout) % len(frames):
        raise EdgeNasError(f"host: {len(frames)} frames gave {len(finished.stdout)} bytes")
    return np.frombuffer(finished.stdout, np.int8).reshape(len(frames), -1)


def build_host_program(sources: Path, work: Path, *, sanitize: bool, optimization: str) -> Path:
    """Returns the program that `work` gets, compiled from every *.c in `sources` and the frame loop.

    Raises:
        ResourceError: gcc is missing.
        GateError: a file does not compile, or only with warnings.
    """
    loop = work / "host.c"
    loop.write_bytes(resources.files("edge_nas.emulation.firmware").joinpath("host.c").read_bytes())
    program = work / "host"
    flags = ["-std=c99", *WARNINGS, optimization, *(SANITIZERS if sanitize else ()), f"-I{sources}"]
    files = [*map(str, sorted(sources.glob("*.c"))), str(loop)]
    finished = run([str(require(HOST_GCC)), *flags, *files, "-o", str(program)], limit_s=COMPILE_LIMIT_S)
    if finished.code != 0:
        raise GateError(f"host: the generated C does not compile without warnings: {finished.complaint}")
    return program
