"""Where a network spends its instructions, counted by a QEMU plugin: per function, and per step of the generated code.

The plugin (firmware/profile.c) counts, for each two bytes of the image's code, how often they are executed, and for
each two bytes of `edge_model_run`, how many instructions are executed in what is called from there. What these two
bytes belong to is read from the image: functions from its symbols, steps from its line numbers. A small kernel lies
inside `edge_model_run` itself: an instruction of it has the line of the call in whose place it stands.

for step, count in zip(compiled.steps, steps_on_core(find_core("cortex-m4"), compiled, frame)):
    print(step.name, count)

Of cores whose instruction timings are published (`edge_nas.emulation.timing`) it also tells the cycles by that table,
and the bytes that are loaded from flash, which on a board have wait states: `timed_profile_on_core`.
"""

import bisect
import functools
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from edge_nas.core.processes import run
from edge_nas.core.temporary import temporary_folder
from edge_nas.emulation.cores import EmulatedCore
from edge_nas.emulation.elf import Function, code_range, functions
from edge_nas.emulation.emulate import RUN_LIMIT_S, emulate
from edge_nas.emulation.image import COMPILE_LIMIT_S, IMAGE, ImageSizes, measure_image, write_firmware
from edge_nas.emulation.timing import TABLES, TimingTable, disassembled, instruction_times
from edge_nas.emulation.tools import HOST_GCC, require
from edge_nas.errors import ConfigError, EdgeNasError, ResourceError
from edge_nas.results.compile import CompiledModel

RUN = "edge_model_run"
MODEL_FILE = "edge_model.c"
_STEP_CALL = re.compile(r"\bedge_run_(\d+)\(")
# Called by the measuring program, not by the network.
_ACCESS = re.compile(r"edge_model_(input|output)(_\d+)?")
_COUNTS = "counts.bin"
_TIMES = "times.bin"


class StepsUnclearError(EdgeNasError):
    """The calls that were seen are not those of the steps, so that it cannot be told what each step took."""


@dataclass(frozen=True)
class FunctionCount:
    """Instructions of one frame that belong to one function."""

    name: str
    instructions: int


@dataclass(frozen=True)
class Profile:
    """What one frame took.

    Attributes:
        steps: instructions of each step: its calls, and all that is executed in them.
        rest: those of `edge_model_run` beside: the turns of strips, and rows of border below.
        sizes: what the network adds to an empty image.
    """

    steps: tuple[int, ...]
    rest: int
    sizes: ImageSizes

    @property
    def instructions(self) -> int:
        """All of them: what `run_on_core` counts for the frame."""
        return sum(self.steps) + self.rest


@dataclass(frozen=True)
class StepTime:
    """What a step took in one frame: instructions, cycles by the core's table, bytes loaded from flash."""

    instructions: int
    cycles: int
    flash_reads: int


@dataclass(frozen=True)
class TimedProfile:
    """What one frame took of each step, and of what `edge_model_run` does beside."""

    steps: tuple[StepTime, ...]
    rest: StepTime

    @property
    def whole(self) -> StepTime:
        """The sum of all."""
        every = (*self.steps, self.rest)
        return StepTime(
            sum(each.instructions for each in every),
            sum(each.cycles for each in every),
            sum(each.flash_reads for each in every),
        )


@dataclass(frozen=True)
class _Counts:
    """What the plugin has counted, and what of the image tells what the counts belong to.

    Places are counted in two bytes, the shortest instruction.

    Attributes:
        image_functions: all functions of the image, by address.
        program: names of those that are the measuring program's.
        base: address of the first place of the image's code.
        executed: instructions executed at each place of the image's code.
        called: instructions executed in what is called from each place of `edge_model_run`.
        run: address of the first place of `edge_model_run`.
        lines: source line in `edge_model_run` of each of its places that is executed, 0 where the image knows none; of
            an inlined function's places, the line of its call.
        sizes: what the network adds to an empty image.
        cycles, flash_reads: by place of `edge_model_run`: of what is executed there and called from there; empty where
            they were not asked for.
    """

    image_functions: tuple[Function, ...]
    program: frozenset[str]
    base: int
    executed: npt.NDArray[np.uint64]
    called: npt.NDArray[np.uint64]
    run: int
    lines: dict[int, int]
    sizes: ImageSizes
    cycles: npt.NDArray[np.uint64]
    flash_reads: npt.NDArray[np.uint64]

    def taken(self, place: int) -> int:
        """Returns the instructions of a place of `edge_model_run`, and of what is called from there."""
        return int(self.executed[(self.run - self.base) // 2 + place]) + int(self.called[place])


def functions_on_core(core: EmulatedCore, sources: Path, frame: npt.NDArray[np.int8]) -> tuple[FunctionCount, ...]:
    """Returns the instructions that each function of the network, or of a library it uses, executes itself.

    The largest come first. Together they are what `run_on_core` counts for the frame.

    Args:
        core: where to run.
        sources: folder with edge_model.h and the network's C files.
        frame: the int8 codes of one input, or of all one after the other.

    Raises:
        ResourceError: a cross compiler, QEMU or the host's gcc is missing, or QEMU was built without plugins.
        GateError: the C does not compile or the program does not end well.
    """
    instructions = _by_function(_counted(core, sources, frame))
    return tuple(FunctionCount(name, count) for name, count in instructions.most_common())


def steps_on_core(core: EmulatedCore, compiled: CompiledModel, frame: npt.NDArray[np.int8]) -> tuple[int, ...]:
    """Returns the instructions of each step of the generated code: its calls, and all that is executed in them.

    What is left to the sum of `functions_on_core` is what `edge_model_run` does and calls besides steps.

    Args:
        core: where to run.
        compiled: the network; step N is called as edge_run_N(...).
        frame: one input, int8.

    Raises:
        StepsUnclearError: the calls that were seen are not those of the steps.
        ResourceError, GateError: as `functions_on_core`.
    """
    return profile_on_core(core, compiled, frame).steps


def profile_on_core(core: EmulatedCore, compiled: CompiledModel, frame: npt.NDArray[np.int8]) -> Profile:
    """Returns what each step of the generated code took, what it took in all, and how large it is.

    Args:
        core: where to run.
        compiled: the network; step N is called as edge_run_N(...).
        frame: the int8 codes of one input, or of all one after the other.

    Raises:
        StepsUnclearError: the calls that were seen are not those of the steps.
        ResourceError, GateError: as `functions_on_core`.
    """
    counts, places = _step_places(core, compiled, frame)
    steps = tuple(sum(counts.taken(place) for place in own) for own in places)
    return Profile(steps, _by_function(counts).total() - sum(steps), counts.sizes)


def timed_profile_on_core(core: EmulatedCore, compiled: CompiledModel, frame: npt.NDArray[np.int8]) -> TimedProfile:
    """Returns what each step took in instructions, in cycles by the core's published table, and in bytes from flash.

    Args:
        core: where to run, one of `edge_nas.emulation.timing.TABLES`.
        compiled: as for `profile_on_core`.
        frame: as for `profile_on_core`.

    Raises:
        ConfigError: no timings are published for the core.
        StepsUnclearError, ResourceError, GateError: as `profile_on_core`.
    """
    if core.name not in TABLES:
        raise ConfigError(f"no instruction timings of {core.name} are published; known: {', '.join(TABLES)}")
    counts, places = _step_places(core, compiled, frame, TABLES[core.name])
    steps = tuple(
        StepTime(
            sum(counts.taken(place) for place in own),
            sum(int(counts.cycles[place]) for place in own),
            sum(int(counts.flash_reads[place]) for place in own),
        )
        for own in places
    )
    rest = StepTime(
        _by_function(counts).total() - sum(step.instructions for step in steps),
        int(counts.cycles.sum()) - sum(step.cycles for step in steps),
        int(counts.flash_reads.sum()) - sum(step.flash_reads for step in steps),
    )
    return TimedProfile(steps, rest)


def _step_places(
    core: EmulatedCore, compiled: CompiledModel, frame: npt.NDArray[np.int8], table: TimingTable | None = None
) -> tuple[_Counts, list[list[int]]]:
    """Returns what was counted, and the places of `edge_model_run` that belong to each step."""
    with temporary_folder() as sources:
        for file in compiled.files:
            # One call to a line: then the line of an address says whose call it is, wherever the compiler has put it.
            text = _STEP_CALL.sub(r"\n\g<0>", file.text) if file.name == MODEL_FILE else file.text
            (sources / file.name).write_text(text, encoding="utf-8")
        counts = _counted(core, sources, frame, table)
        source_lines = (sources / MODEL_FILE).read_text(encoding="utf-8").splitlines()
    places: list[list[int]] = [[] for _ in compiled.steps]
    seen = set()
    for place, line in counts.lines.items():
        call = _STEP_CALL.match(source_lines[line - 1]) if line else None
        if call is not None:
            seen.add(int(call[1]))
            if int(call[1]) < len(places):
                places[int(call[1])].append(place)
    if sorted(seen) != list(range(len(places))):
        raise StepsUnclearError(f"{RUN} was seen to call {len(seen)} steps, not each of the {len(places)}")
    return counts, places


def _by_function(counts: _Counts) -> Counter[str]:
    """Returns the instructions that each function of the network, or of a library it uses, executes itself."""
    instructions: Counter[str] = Counter()
    for place in np.flatnonzero(counts.executed).tolist():
        name = _function_at(counts.image_functions, counts.base + 2 * place)
        if name not in counts.program and not _ACCESS.fullmatch(name):
            instructions[name] += int(counts.executed[place])
    return instructions


def _counted(
    core: EmulatedCore, sources: Path, frame: npt.NDArray[np.int8], table: TimingTable | None = None
) -> _Counts:
    """Returns what the plugin counts while the network computes one frame, cycles where there is a table."""
    with temporary_folder() as work:
        sizes = measure_image(core, sources, work, once=True)
        (work / "input.bin").write_bytes(np.ascontiguousarray(frame, np.int8).tobytes())
        program = _program_functions(core, work)
        image_functions = functions(work / IMAGE)
        base, size = code_range(work / IMAGE)
        # The linker keeps the order of the object files, and the network's come after the program's.
        network = min(function.address for function in image_functions if function.name not in program)
        start, length = _extent(image_functions, RUN, base + size)
        arguments = f"base={base},bytes={size},run={start},run_bytes={length},skip={network},out={_COUNTS}"
        times = np.zeros((2, size // 2), "<u4")
        if table is not None:
            times = _written_times(table, core, work, base, size)
            arguments += f",times={_TIMES},flash={core.code.origin},flash_bytes={core.code.length}"
        emulate(core, work, RUN_LIMIT_S, "-plugin", f"{_plugin(work)},{arguments}")
        counts = np.fromfile(work / _COUNTS, "<u8")
        # Behind the calls lies what was called first at each of them, which nothing asks for.
        ends = size // 2 + np.arange(4) * (length // 2)
        executed, called, _, cycles, flash_reads = np.split(counts, ends)
        in_run = slice((start - base) // 2, (start - base) // 2 + length // 2)
        own = executed[in_run]
        if table is not None:
            cycles = cycles + own * times[0][in_run]
        lines = _lines(core, work / IMAGE, start, np.flatnonzero(own).tolist())
    return _Counts(image_functions, program, base, executed, called, start, lines, sizes, cycles, flash_reads)


def _written_times(table: TimingTable, core: EmulatedCore, work: Path, base: int, size: int) -> npt.NDArray[np.uint32]:
    """Returns (2, places): what each instruction of the image takes and what it adds when it jumps.

    The plugin reads them from the file that is written.
    """
    times = np.zeros((2, size // 2), "<u4")
    for address, time in instruction_times(table, disassembled(core, work / IMAGE)).items():
        if base <= address < base + size:
            times[:, (address - base) // 2] = time.cycles, time.jump
    times.tofile(work / _TIMES)
    return times


def _program_functions(core: EmulatedCore, work: Path) -> frozenset[str]:
    """Returns the names of the functions of the program around the network."""
    names: set[str] = set()
    for source in ("main.c", core.startup):
        names.update(function.name for function in functions(work / "firmware" / f"{source}.o"))
    return frozenset(names)


def _lines(core: EmulatedCore, image: Path, start: int, places: list[int]) -> dict[int, int]:
    """Returns the source line of each place in the function that starts at `start`; places are counted in two bytes.

    Of what is inlined there, it is the line of the outermost call; 0 where the image knows none.
    """
    # It is in the same package as the assembler, without which there is no image.
    program = str(require(core.compiler)).removesuffix("gcc") + "addr2line"
    addresses = [hex(start + 2 * place) for place in places]
    finished = run([program, "-a", "-i", "-e", str(image), *addresses], limit_s=COMPILE_LIMIT_S)
    # An address, then the line there and those of the calls around it, outermost last, such as
    # `/tmp/x/edge_model.c:1234 (discriminator 2)`; `?` for a line that it does not know.
    blocks = re.split(r"^0x[0-9a-f]+$", finished.stdout.decode(), flags=re.MULTILINE)[1:]
    outermost = [re.findall(r":(\d+|\?)(?: \(discriminator \d+\))?$", block, re.MULTILINE)[-1:] for block in blocks]
    if finished.code != 0 or len(blocks) != len(places) or [] in outermost:
        raise ResourceError(f"{program} gives no line for each of {len(places)} addresses: {finished.complaint}")
    numbers = (0 if line == "?" else int(line) for (line,) in outermost)
    return dict(zip(places, numbers, strict=True))


def _extent(image_functions: Sequence[Function], name: str, end: int) -> tuple[int, int]:
    """Returns (address, bytes) of a function, which ends where the next one starts, the last at `end`."""
    starts = [function.address for function in image_functions if function.name == name]
    if not starts:
        raise EdgeNasError(f"the image has no function {name}")
    start = starts[0]
    following = [function.address for function in image_functions if function.address > start]
    return start, min(following, default=end) - start


def _function_at(image_functions: Sequence[Function], address: int) -> str:
    """Returns the name of the last function that starts at an address or before it; "?" for none."""
    after = bisect.bisect_right(image_functions, address, key=lambda function: function.address)
    return image_functions[after - 1].name if after else "?"


def _plugin(work: Path) -> Path:
    """Returns the plugin, compiled for this machine."""
    library = work / "profile.so"
    library.write_bytes(_plugin_bytes())
    return library


@functools.cache
def _plugin_bytes() -> bytes:
    with temporary_folder() as folder:
        write_firmware("profile.c", folder / "profile.c")
        library = folder / "profile.so"
        flags = ["-O2", "-Wall", "-Wextra", "-shared", "-fPIC"]
        command = [str(require(HOST_GCC)), *flags, str(folder / "profile.c"), "-o", str(library)]
        finished = run(command, limit_s=COMPILE_LIMIT_S)
        if finished.code != 0:
            raise ResourceError(f"the counting plugin does not compile: {finished.complaint}")
        return library.read_bytes()
