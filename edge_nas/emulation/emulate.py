"""Runs a network's image on an emulated core, frame by frame, and reads what it counted."""

import struct
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from edge_nas.core.processes import TimeLimitError, run
from edge_nas.core.temporary import temporary_folder
from edge_nas.emulation.cores import CORES, EmulatedCore, find_core
from edge_nas.emulation.image import IMAGE, STACK_BYTES, ImageSizes, Library, measure_image
from edge_nas.emulation.tools import Tool, install_advice, require, tool_version
from edge_nas.errors import EdgeNasError, GateError, ResourceError

Codes = npt.NDArray[np.int8]

RUN_LIMIT_S = 600.0
_MAGIC = 0x45444745
_HEAD = struct.Struct("<8I")
_FRAME = struct.Struct("<3I")
_FAULT_EXIT = 64
_REFUSALS = {13: "the frames are not of EDGE_MODEL_INPUT_BYTES", 14: f"it uses more than {STACK_BYTES} bytes of stack"}
_FAULTS = {2: "NMI", 3: "HardFault", 4: "MemManage fault", 5: "BusFault", 6: "UsageFault"}


@dataclass(frozen=True)
class CoreRun:
    """What a core computed and what it took.

    Attributes:
        outputs: (N, output_bytes) int8.
        instructions: of `edge_model_run`, for each of the N frames.
        arena_bytes: what the generated header says.
        sizes: what the network adds to an empty image.
        stack_bytes: the most that `edge_model_run` used on the first frame, its return address included.
        tools: program -> version.
    """

    outputs: Codes
    instructions: tuple[int, ...]
    arena_bytes: int
    sizes: ImageSizes
    stack_bytes: int
    tools: dict[str, str]


def missing_tools(core: EmulatedCore) -> tuple[Tool, ...]:
    """Returns the programs that running on this core needs and that are not installed."""
    return tuple(tool for tool in core.tools if tool.path is None)


def cores_to_emulate(names: Sequence[str] | None) -> list[EmulatedCore]:
    """Returns the cores of these names, or all; those that are named must have their tools.

    Raises:
        ConfigError: there is no such core.
        ResourceError: the tools of a named one are missing; says how to install them.
    """
    if names is None:
        return list(CORES.values())
    cores = [find_core(name) for name in names]
    for core in cores:
        missing = missing_tools(core)
        if missing:
            programs = " and ".join(tool.program for tool in missing)
            raise ResourceError(f"{core.name} is asked for, but {programs} is missing; {install_advice(missing)}")
    return cores


def run_on_core(
    core: EmulatedCore,
    sources: Path,
    inputs: npt.NDArray[Any],
    *,
    limit_s: float = RUN_LIMIT_S,
    library: Library | None = None,
) -> CoreRun:
    """Returns what the generated C in `sources` gives on a core, for each input frame.

    Args:
        core: where to run.
        sources: folder with edge_model.h and the network's C files.
        inputs: (N, ...) of the file's dtype, N at least 1, EDGE_MODEL_INPUT_BYTES each.
        limit_s: seconds for the emulation.
        library: what the network calls, linked beside it and counted as part of it.

    Raises:
        ResourceError: a tool is missing.
        TooLargeError: the network does not fit the machine's memory.
        NoFloatsError: the network computes in floating point, which the compiler's library does not.
        GateError: the C does not compile or link, the program faults, does not end in time, uses more than 64 KiB of
            stack, or takes frames of another size.
        EdgeNasError: the report makes no sense.
    """
    with temporary_folder() as work:
        sizes = measure_image(core, sources, work, library=library)
        (work / "input.bin").write_bytes(np.ascontiguousarray(inputs).tobytes())
        emulate(core, work, limit_s)
        report = (work / "report.bin").read_bytes()
        output = (work / "output.bin").read_bytes()
    frames = len(inputs)
    head = _HEAD.unpack_from(report)
    _, input_bytes, output_bytes, arena_bytes, stack_bytes = head[:5]
    if head[0] != _MAGIC or len(report) != _HEAD.size + frames * _FRAME.size or len(output) != frames * output_bytes:
        raise EdgeNasError(
            f"{core.name}: {frames} frames of {inputs[0].nbytes} bytes gave {len(output)} bytes of output; the header "
            f"says {input_bytes} bytes in, {output_bytes} out"
        )
    # What an empty function counts is the call and its return; the network's own return is not to be subtracted.
    empty = _instructions(core, head[5:8]) - 1
    counts = tuple(_instructions(core, counts) - empty for counts in _FRAME.iter_unpack(report[_HEAD.size :]))
    outputs = np.frombuffer(output, np.int8).reshape(frames, output_bytes)
    return CoreRun(
        outputs, counts, arena_bytes, sizes, stack_bytes, {tool.program: tool_version(tool) for tool in core.tools}
    )


def qemu_command(core: EmulatedCore, *further: str) -> list[str]:
    """Returns the command that runs image.elf in the current folder, files of that folder by semihosting.

    Raises:
        ResourceError: the emulator is missing.
    """
    return [
        str(require(core.emulator)),
        *("-M", core.machine, "-nographic", "-monitor", "none", "-serial", "none"),
        *("-semihosting-config", "enable=on,target=native"),
        *core.options,
        *further,
        *("-kernel", IMAGE),
    ]


def emulate(core: EmulatedCore, work: Path, limit_s: float, *further: str) -> None:
    """Runs image.elf in `work` to its end.

    Raises:
        GateError: it faults, refuses its input or does not end in time.
        ResourceError: the emulator is missing.
    """
    try:
        finished = run(qemu_command(core, *further), limit_s=limit_s, folder=work)
    except TimeLimitError as error:
        raise GateError(
            f"{core.name}: the emulated program did not end within {limit_s:g} s; use fewer frames"
        ) from error
    if finished.code >= _FAULT_EXIT and finished.code < 128:
        number = finished.code - _FAULT_EXIT
        fault = _FAULTS.get(number, f"exception {number}")
        raise GateError(f"{core.name}: the generated C faults ({fault})")
    if finished.code != 0:
        reason = _REFUSALS.get(finished.code, finished.complaint)
        raise GateError(f"{core.name}: the emulated program ended with code {finished.code}: {reason}")


def _instructions(core: EmulatedCore, counts: tuple[int, ...]) -> int:
    """Returns the instructions behind what the program reports: the counter in two words, and how often it wrapped."""
    low, high, wraps = counts
    counted = (high << 32) | low
    return round(counted / core.counts_per_instruction) - wraps * core.wrap_instructions
