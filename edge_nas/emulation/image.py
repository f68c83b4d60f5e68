"""From a folder of generated C to a linked image for one core, and what the image weighs."""

import functools
import re
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from string import Template

from edge_nas.core.processes import run
from edge_nas.core.temporary import temporary_folder
from edge_nas.emulation.cores import OPTIMIZATION, EmulatedCore
from edge_nas.emulation.elf import memory_bytes
from edge_nas.emulation.tools import require
from edge_nas.errors import GateError, ResourceError

COMPILE_LIMIT_S = 300.0
STACK_BYTES = 64 * 1024
WARNINGS = ("-Wall", "-Wextra", "-Werror")
IMAGE = "image.elf"

# Without the C library, so that what the image takes of it is there for the network.
_HARNESS_FLAGS = ("-Os", "-ffreestanding", "-fno-builtin", "-fno-tree-loop-distribute-patterns")
_SECTION_FLAGS = ("-ffunction-sections", "-fdata-sections")
# The C++ library, and a C library that knows no operating system.
_CXX_LIBRARIES = ("-lstdc++", "-lm", "--specs=nosys.specs")


# What gcc calls for arithmetic in floating point, where the linker misses it.
_FLOATS = re.compile(r"undefined reference to `(__\w+[sd]f\w*)'")
# Of networks with several inputs or outputs.
_NUMBERED = re.compile(r"(INPUT|OUTPUT)_\d+_BYTES")
_NUMBER = re.compile(r"^#define EDGE_MODEL_(\w+) (\d+)$", re.MULTILINE)


class MachineError(GateError):
    """The emulated machine cannot take the network, through no fault of its C."""


class TooLargeError(MachineError):
    """The network does not fit the memory of the emulated machine."""


class NoFloatsError(MachineError):
    """The network computes in floating point, and the compiler's library for the core has no such arithmetic."""


@dataclass(frozen=True)
class ImageSizes:
    """Bytes that a network adds to an image: flash (code, constants, initial data) and static RAM (data and bss)."""

    flash_bytes: int
    ram_bytes: int


@dataclass(frozen=True)
class Library:
    """A library that the network calls, and how the network's C++ files are compiled, which include its headers.

    Attributes:
        archive: static library for the same core, with the same way of passing floats.
        includes: folders of headers.
        flags: for C++, beside those of the core: language, definitions.
    """

    archive: Path
    includes: tuple[Path, ...]
    flags: tuple[str, ...]


def measure_image(
    core: EmulatedCore, sources: Path, work: Path, *, once: bool = False, library: Library | None = None
) -> ImageSizes:
    """Links `work`/image.elf from the C files in `sources` and returns what the network adds to an empty image.

    Args:
        core: what to compile for.
        sources: folder with edge_model.h and every *.c of the network; none defines `main`.
        work: folder to write into.
        once: for profiles: the program runs each frame once and neither measures the stack nor counts, and the image
            knows the source line of each address.
        library: what is linked beside the network, as part of it; with one, every *.cc in `sources` is compiled too.

    Raises:
        GateError: the generated C does not compile without warnings or does not link.
        TooLargeError: it does not fit the machine's memory.
        ResourceError: the compiler is missing or fails on the program around the network.
    """
    files = tuple(sorted((*sources.glob("*.c"), *(sources.glob("*.cc") if library else ()))))
    flash, ram = _link(core, files, sources, work, once=once, library=library)
    empty_flash, empty_ram = _empty_bytes(core, once=once)
    frames = 0 if once else _frame_bytes(sources)
    return ImageSizes(flash - empty_flash, ram - empty_ram - frames)


@functools.cache
def _empty_bytes(core: EmulatedCore, *, once: bool) -> tuple[int, int]:
    """Returns flash and static RAM of an image without a network, in bytes."""
    with temporary_folder() as empty:
        for name in ("edge_model.c", "edge_model.h"):
            write_firmware(f"empty/{name}", empty / name)
        return _link(core, (empty / "edge_model.c",), empty, empty, once=once)


def _frame_bytes(sources: Path) -> int:
    """Returns the bytes that the program around the network keeps for a frame and its answer, which are its user's.

    It has them where the network converts what it takes and gives; else it writes straight into the arena.
    """
    defined = dict(_NUMBER.findall((sources / "edge_model.h").read_text(encoding="utf-8")))
    if int(defined.get("CONVERTS", 0)) == 0:
        return 0
    # The linker lays every array on a word.
    numbered = [name for name in defined if _NUMBERED.fullmatch(name)]
    return sum(-(-int(defined[name]) // 4) * 4 for name in numbered or ("INPUT_BYTES", "OUTPUT_BYTES"))


def _link(
    core: EmulatedCore,
    files: tuple[Path, ...],
    headers: Path,
    work: Path,
    *,
    once: bool,
    library: Library | None = None,
) -> tuple[int, int]:
    """Returns flash and static RAM of a whole image, program and all, in bytes."""
    compiler = str(require(core.compiler))
    firmware = work / "firmware"
    firmware.mkdir(exist_ok=True)
    script = firmware / "image.ld"
    script.write_text(_linker_script(core), encoding="utf-8")
    include = (f"-I{firmware}", f"-I{headers}")
    objects = _program_objects(core, firmware, include, once=once)
    model = [compiler, *core.flags, *core.link_flags, OPTIMIZATION, *_SECTION_FLAGS, *include]
    if once:
        model.append("-g1")
    c = ("-std=c99", *WARNINGS)
    # Headers of others need not be free of our warnings.
    cxx = (*library.flags, *(f"-I{folder}" for folder in library.includes)) if library else ()
    for file in files:
        target = work / f"{file.name}.o"
        _compile([*model, *(cxx if file.suffix == ".cc" else c)], file, target, blame=True)
        objects.append(target)
    if core.arithmetic:
        # Behind the network: what lies there is its own.
        target = firmware / f"{core.arithmetic}.o"
        write_firmware(core.arithmetic, firmware / core.arithmetic)
        _compile(
            [compiler, *core.flags, OPTIMIZATION, *_SECTION_FLAGS], firmware / core.arithmetic, target, blame=False
        )
        objects.append(target)
    image = work / IMAGE
    command = [compiler, *core.flags, *core.link_flags, "-nostartfiles", "-Wl,--gc-sections", f"-T{script}"]
    beside = (str(library.archive), *_CXX_LIBRARIES) if library else ()
    finished = run([*command, *map(str, objects), *beside, "-o", str(image)], limit_s=COMPILE_LIMIT_S)
    if b"will not fit" in finished.stderr or b"do not fit" in finished.stderr:
        raise TooLargeError(
            f"{core.name}: the network does not fit the emulated machine, which has {core.code.length >> 10} KiB for "
            f"code and constants and {(core.ram.length - STACK_BYTES) >> 10} KiB for data"
        )
    missing = sorted(set(_FLOATS.findall(finished.stderr.decode("utf-8", errors="replace"))))
    if core.arithmetic and missing:
        raise NoFloatsError(
            f"{core.name}: the network computes in floating point, and {core.compiler.program} brings no {missing[0]}, "
            "which is in the chip's ROM; networks of int8 ends do without"
        )
    if finished.code != 0:
        raise GateError(f"{core.name}: the generated C does not link: {finished.complaint}")
    return memory_bytes(image)


def _program_objects(core: EmulatedCore, firmware: Path, include: tuple[str, ...], *, once: bool) -> list[Path]:
    """Compiles the program around the network, in `firmware`."""
    for name in ("harness.h", "main.c", core.startup):
        write_firmware(name, firmware / name)
    command = [str(require(core.compiler)), *core.flags, *_HARNESS_FLAGS, *_SECTION_FLAGS]
    objects = []
    for name, flags in (("main.c", ("-DEDGE_ONCE",) if once else ()), (core.startup, core.startup_flags)):
        target = firmware / f"{name}.o"
        _compile([*command, *flags, *include], firmware / name, target, blame=False)
        objects.append(target)
    return objects


def _compile(command: list[str], source: Path, target: Path, *, blame: bool) -> None:
    """Compiles one file; `blame`: the file is generated, so that it is what has failed."""
    finished = run([*command, "-c", str(source), "-o", str(target)], limit_s=COMPILE_LIMIT_S)
    if finished.code != 0:
        kind = GateError if blame else ResourceError
        raise kind(f"{source.name} does not compile with {' '.join(command[:4])}: {finished.complaint}")


def _linker_script(core: EmulatedCore) -> str:
    template = resources.files("edge_nas.emulation.firmware").joinpath("image.ld.in").read_text(encoding="utf-8")
    return Template(template).substitute(
        code_origin=hex(core.code.origin),
        code_length=hex(core.code.length),
        ram_origin=hex(core.ram.origin),
        ram_length=hex(core.ram.length),
        stack_length=hex(STACK_BYTES),
    )


def write_firmware(name: str, target: Path) -> None:
    """Writes one of the files in `firmware` to `target`."""
    target.write_bytes(resources.files("edge_nas.emulation.firmware").joinpath(name).read_bytes())
