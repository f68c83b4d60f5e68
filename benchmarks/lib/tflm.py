"""TensorFlow Lite for Microcontrollers on emulated cores: its library from a checkout, a network's image, the figures.

    checkout = open_checkout(Path("tflite-micro"))
    library, build = library_for(checkout, "cmsis_nn", find_core("cortex-m4"))
    figures = measure(checkout, "cmsis_nn", find_core("cortex-m4"), data, frames=frames, expected=expected)

The image is that of generated C with the interpreter in its place: the same program around it, start-up, linker script,
frames and counting. Its resolver holds the network's operators, those with CMSIS-NN in their int8 variant where there
is one; its arena is the smallest that the interpreter takes on the core itself. Paths and variables are those of
tflite-micro's own Makefile (tensorflow/lite/micro/tools/make) as of 2025, read and not run: what was run is a stand-in
with the same paths, variables and interface, which has generated C behind it (tests/integration/test_tflm_checkout.py).
"""

import dataclasses
import os
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import numpy.typing as npt

from edge_nas.core.atomic import make_folder, write_bytes
from edge_nas.core.processes import Finished, child_environment, run
from edge_nas.deployment.interpreter import model_data_source, operator_method
from edge_nas.emulation import CoreRun, EmulatedCore, Library, Tool, install_advice, run_on_core
from edge_nas.emulation.cores import MIB
from edge_nas.emulation.tools import require
from edge_nas.errors import ConfigError, GateError, ResourceError
from edge_nas.int8.graph import Int8Graph
from edge_nas.int8.reader import read_tflite

Codes = npt.NDArray[np.int8]

# Engine by the directory of its kernels, empty for the reference kernels.
ENGINES = {"": "TFLM, reference kernels", "cmsis_nn": "TFLM + CMSIS-NN"}
DEFAULT_CORES = ("cortex-m4", "cortex-m55")

MAKEFILE = "tensorflow/lite/micro/tools/make/Makefile"
_DOWNLOADS = "tensorflow/lite/micro/tools/make/downloads"
_KERNELS = "tensorflow/lite/micro/kernels"
_RESOLVER = "tensorflow/lite/micro/micro_mutable_op_resolver.h"
_NEEDED = (MAKEFILE, _RESOLVER, "tensorflow/lite/micro/micro_interpreter.h")
_ARCHIVE = "libtensorflow-microlite.a"
_WRAPPER = Path(__file__).parent / "firmware" / "edge_model.cc"

# How targets/cortex_m_generic_makefile.inc passes floats on the architecture that is called as our core.
_FLOAT_ABI = {
    "cortex-m0plus": "soft",
    "cortex-m3": "soft",
    "cortex-m4": "soft",
    "cortex-m7": "soft",
    "cortex-m33": "hard",
    "cortex-m55": "hard",
}
# What the library's own files are compiled with and its headers ask for; by BUILD_TYPE, the preferred one first.
_FLAGS = (
    *("-std=c++17", "-fno-rtti", "-fno-exceptions", "-fno-threadsafe-statics", "-funsigned-char"),
    *("-DTF_LITE_STATIC_MEMORY", "-DTF_LITE_DISABLE_X86_NEON", "-DTF_LITE_MCU_DEBUG_LOG"),
    "-DKERNELS_OPTIMIZED_FOR_SPEED",
)
_BUILDS = {
    "release": ("-DNDEBUG", "-DTF_LITE_STRIP_ERROR_STRINGS"),
    "release_with_logs": ("-DNDEBUG",),
    "default": (),
}
_MAKE = Tool("make", ("make",))
_CXX_LIBRARY = Tool("libstdc++_nano.a", ("libstdc++-arm-none-eabi-newlib",))
_BUILD_LIMIT_S, _RUN_LIMIT_S, _QUERY_LIMIT_S = 7200.0, 3600.0, 60.0
_TOLD_LINES = 8


@dataclass(frozen=True)
class Checkout:
    """A checkout of tensorflow/tflite-micro; `commit` is git's name of it, "-dirty" where files were changed."""

    root: Path
    commit: str


@dataclass(frozen=True)
class Figures:
    """What one network took on one core.

    Attributes:
        engine, core: names.
        commit: of the checkout.
        build_type: BUILD_TYPE of the library.
        inputs: frames.
        instructions: of Invoke, the most over the frames.
        flash_bytes, ram_bytes: what network and interpreter add to an empty image; the arena is in the RAM.
        arena_bytes: the smallest arena, a multiple of 16.
        stack_bytes: the most that Invoke used on the first frame.
        differing_share: of output bytes that are not those of the reference kernels, 0 to 1.
        max_difference: the largest difference of an output byte, in steps of the code.
        tools: program -> version.
    """

    engine: str
    core: str
    commit: str
    build_type: str
    inputs: int
    instructions: int
    flash_bytes: int
    ram_bytes: int
    arena_bytes: int
    stack_bytes: int
    differing_share: float
    max_difference: int
    tools: dict[str, str]


def open_checkout(root: Path) -> Checkout:
    """Returns the checkout in a folder.

    Raises:
        ConfigError: the folder is no checkout of tensorflow/tflite-micro; names the file that was looked for.
    """
    for name in _NEEDED:
        if not (root / name).is_file():
            raise ConfigError(
                f"{root} is no checkout of tensorflow/tflite-micro: there is no {name} in it; name the folder that "
                "git clone https://github.com/tensorflow/tflite-micro made"
            )
    return Checkout(root.resolve(), _commit(root))


def library_for(checkout: Checkout, kernels: str, core: EmulatedCore) -> tuple[Library, str]:
    """Returns the library for a core and its BUILD_TYPE, built by the checkout's Makefile unless it is there already.

    Args:
        checkout: of tflite-micro.
        kernels: a key of `ENGINES`.
        core: a Cortex-M.

    Raises:
        ConfigError: the Makefile has no architecture for the core.
        ResourceError: a tool is missing, or the library cannot be built; names the log and the command.
    """
    if core.name not in _FLOAT_ABI:
        raise ConfigError(f"{core.name}: TFLM's target cortex_m_generic is for {', '.join(_FLOAT_ABI)} only")
    _require_cxx_library(core)
    found = [build for build in _BUILDS if _archive(checkout, kernels, core, build).is_file()]
    build = found[0] if found else _built(checkout, kernels, core)
    downloads = checkout.root / _DOWNLOADS
    includes = (checkout.root, downloads, *(downloads / name for name in ("flatbuffers/include", "gemmlowp", "ruy")))
    defined = (f"-D{kernels.upper()}",) if kernels else ()
    return Library(_archive(checkout, kernels, core, build), includes, (*_FLAGS, *_BUILDS[build], *defined)), build


def measure(
    checkout: Checkout, kernels: str, core: EmulatedCore, data: bytes, *, frames: Codes, expected: Codes
) -> Figures:
    """Returns what TFLM takes for a network on a core.

    Args:
        checkout: of tflite-micro.
        kernels: a key of `ENGINES`.
        core: a Cortex-M.
        data: the int8 .tflite file.
        frames: (N, ...) int8, inputs.
        expected: (N, ...) int8, outputs of the reference kernels.

    Raises:
        ConfigError: the core, or an operator of the network, is not one of TFLM's.
        GateError: the image does not link, does not fit the machine's memory, or the interpreter refuses the network.
        ResourceError: a tool is missing, or the library cannot be built.
    """
    library, build = library_for(checkout, kernels, core)
    files = _sources(checkout, kernels, data)
    sizes = frames[0].size, expected[0].size
    try:
        arena, ran = _run_interpreter(core, library, files, frames, sizes)
    except GateError as error:
        raise GateError(f"{ENGINES[kernels]}, in the place of generated C: {error}") from error
    difference = np.abs(ran.outputs.astype(np.int16) - expected.reshape(len(expected), -1))
    return Figures(
        engine=ENGINES[kernels],
        core=core.name,
        commit=checkout.commit,
        build_type=build,
        inputs=len(frames),
        instructions=max(ran.instructions),
        flash_bytes=ran.sizes.flash_bytes,
        ram_bytes=ran.sizes.ram_bytes,
        arena_bytes=arena,
        stack_bytes=ran.stack_bytes,
        differing_share=float(np.mean(difference != 0)),
        max_difference=int(difference.max()),
        tools=ran.tools,
    )


def _run_interpreter(
    core: EmulatedCore, library: Library, files: dict[str, str], frames: Codes, sizes: tuple[int, int]
) -> tuple[int, CoreRun]:
    """Returns the smallest arena, in bytes, and a run with it; `sizes` are the bytes of an input and of an output."""
    flags = tuple(flag for flag in core.flags if not flag.startswith("-mfloat-abi"))
    core = dataclasses.replace(core, flags=(*flags, f"-mfloat-abi={_FLOAT_ABI[core.name]}"))
    with TemporaryDirectory(prefix="edge-nas-") as folder:
        sources = Path(folder)
        for name, text in files.items():
            (sources / name).write_text(text, encoding="utf-8")
        largest = core.ram.length - MIB  # the rest is for the stack and the library's own data
        (sources / "edge_model.h").write_text(_interface(*sizes, largest, probe=True), encoding="utf-8")
        arena = run_on_core(core, sources, frames[:1], library=library).arena_bytes
        (sources / "edge_model.h").write_text(_interface(*sizes, arena, probe=False), encoding="utf-8")
        return arena, run_on_core(core, sources, frames, limit_s=_RUN_LIMIT_S, library=library)


def _commit(root: Path) -> str:
    """Returns git's name of the checkout; "unknown" for a copy without git's folder, or without git."""
    if not (root / ".git").exists():
        return "unknown"
    command = ["git", "-C", str(root), "describe", "--always", "--dirty", "--abbrev=40", "--exclude=*"]
    try:
        finished = run(command, limit_s=_QUERY_LIMIT_S)
    except ResourceError:
        return "unknown"
    return finished.stdout.decode().strip() if finished.code == 0 else "unknown"


def _archive(checkout: Checkout, kernels: str, core: EmulatedCore, build: str) -> Path:
    """Returns where the Makefile puts the library."""
    parts = ("cortex_m_generic", core.name, build, *((kernels,) if kernels else ()), "gcc")
    return checkout.root / "gen" / "_".join(parts) / "lib" / _ARCHIVE


def _built(checkout: Checkout, kernels: str, core: EmulatedCore) -> str:
    """Builds the library and returns its BUILD_TYPE."""
    build = next(iter(_BUILDS))
    command = [
        *(str(require(_MAKE)), f"-j{os.cpu_count()}", "-f", MAKEFILE),
        *("TARGET=cortex_m_generic", f"TARGET_ARCH={core.name}", f"BUILD_TYPE={build}"),
        # Else it downloads a compiler. The name of the program is put right behind it.
        f"TARGET_TOOLCHAIN_ROOT={require(core.compiler).parent}/",
        *((f"OPTIMIZED_KERNEL_DIR={kernels}",) if kernels else ()),
        "microlite",
    ]
    # Nothing of a make that may have started us.
    finished = run(
        command, limit_s=_BUILD_LIMIT_S, folder=checkout.root, environment=child_environment(MAKEFLAGS="", MAKELEVEL="")
    )
    archive = _archive(checkout, kernels, core, build)
    log = archive.parents[1].with_suffix(".log")
    make_folder(log.parent)
    write_bytes(log, finished.stdout + finished.stderr)
    if finished.code != 0 or not archive.is_file():
        raise ResourceError(_failure(checkout, command, finished, log, archive))
    return build


def _failure(checkout: Checkout, command: Sequence[str], finished: Finished, log: Path, archive: Path) -> str:
    lines = (finished.stdout + finished.stderr).decode("utf-8", errors="replace").strip().splitlines()
    if finished.code == 0:
        what = f"make made no {archive}: its Makefile is of another time than the one known here"
    else:
        what = f"make ended with exit code {finished.code}: {' | '.join(lines[-_TOLD_LINES:])}"
    return (
        f"TFLM's library cannot be built: {what}. All it said is in {log}. Its Makefile downloads what it needs from "
        f"others: where there is a network, run: cd {checkout.root} && {' '.join(command)}"
    )


def _require_cxx_library(core: EmulatedCore) -> None:
    command = [str(require(core.compiler)), f"-print-file-name={_CXX_LIBRARY.program}"]
    found = run(command, limit_s=_QUERY_LIMIT_S).stdout.decode().strip()
    if not Path(found).is_absolute():  # it answers with the bare name of what it does not find
        raise ResourceError(f"{_CXX_LIBRARY.program} is not installed; {install_advice((_CXX_LIBRARY,))}")


def _sources(checkout: Checkout, kernels: str, data: bytes) -> dict[str, str]:
    """Returns name -> text of everything that is compiled but edge_model.h, which says how large the arena is."""
    graph = read_tflite(data, "the .tflite file")
    return {
        "edge_model.cc": _WRAPPER.read_text(encoding="utf-8"),
        "edge_operators.h": operators_header(checkout, kernels, graph),
        "model_data.c": model_data_source(data),
        "model_data.h": f"#define EDGE_MODEL_TFLITE_BYTES {len(data)}\n"
        "extern const unsigned char edge_model_tflite[EDGE_MODEL_TFLITE_BYTES];\n",
    }


def operators_header(checkout: Checkout, kernels: str, graph: Int8Graph) -> str:
    """Returns edge_operators.h: a resolver with exactly the network's operators.

    Raises:
        ConfigError: the checkout's resolver has no method for an operator.
    """
    text = (checkout.root / _RESOLVER).read_text(encoding="utf-8")
    methods = dict(re.findall(r"TfLiteStatus\s+(Add\w+)\(\s*(const \w+& registration)?", text))
    headers, calls = {_RESOLVER}, []
    for kind in sorted({operator.kind for operator in graph.operators}):
        method = operator_method(kind)
        if method not in methods:
            raise ConfigError(f"operator {kind}: TFLM has no kernel for it ({_RESOLVER} has no {method or 'method'})")
        variant = _int8_variant(checkout, kernels, kind) if methods[method] else None
        if variant:
            headers.add(variant[0])
        calls.append(f"    TF_LITE_ENSURE_STATUS(operators.{method}({variant[1] if variant else ''}));")
    includes = "\n".join(f'#include "{header}"' for header in sorted(headers))
    return (
        f"{includes}\n\nusing EdgeOperators = tflite::MicroMutableOpResolver<{len(calls)}>;\n\n"
        "inline TfLiteStatus edge_register_operators(EdgeOperators &operators)\n{\n"
        + "\n".join(calls)
        + "\n    return kTfLiteOk;\n}\n"
    )


def _int8_variant(checkout: Checkout, kernels: str, kind: str) -> tuple[str, str] | None:
    """Returns (header, expression) of a kernel that links nothing for other types; None where there is none."""
    name = f"Register_{kind}_INT8("
    if not kernels or not any(name in text for text in _texts(checkout.root / _KERNELS / kernels, "*.cc").values()):
        return None
    declared = [path for path, text in _texts(checkout.root / _KERNELS, "*.h").items() if name in text]
    return (f"{_KERNELS}/{min(declared).name}", f"tflite::{name})") if declared else None


def _texts(folder: Path, pattern: str) -> dict[Path, str]:
    return {path: path.read_text(encoding="utf-8", errors="replace") for path in folder.glob(pattern)}


def _interface(input_bytes: int, output_bytes: int, arena_bytes: int, *, probe: bool) -> str:
    """Returns edge_model.h; in a probe, what the image says of its arena is the smallest one."""
    return (
        "#include <stdint.h>\n"
        + ("#define EDGE_PROBE\n" if probe else "")
        + f"#define EDGE_MODEL_INPUT_BYTES {input_bytes}\n"
        f"#define EDGE_MODEL_OUTPUT_BYTES {output_bytes}\n"
        f"#define EDGE_INTERPRETER_ARENA_BYTES {arena_bytes}\n"
        f"#define EDGE_MODEL_ARENA_BYTES {'edge_smallest_arena()' if probe else arena_bytes}\n"
        "int8_t *edge_model_input(void);\nvoid edge_model_run(void);\nconst int8_t *edge_model_output(void);\n"
        "uint32_t edge_smallest_arena(void);\n"
    )
