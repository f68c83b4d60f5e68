"""Many generated networks in one program: a compiler is started once, each kernel is compiled once.

`run_merged` is a program of this machine, `run_merged_on_core` one of an emulated core.
"""

import re
import subprocess
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from edge_nas.codegen import CompiledModel
from edge_nas.emulation import run_on_core
from edge_nas.emulation.cores import EmulatedCore
from edge_nas.results.compile import CompiledEnd

SANITIZERS = ("-fsanitize=address,undefined", "-fno-sanitize-recover=all")
_OWN_NAMES = re.compile(
    r"\bedge_(arena|started|state_\d+|image_\d+|step_\d+(_\w+)?|run_\d+|model_((in|out)put(_\d+)?|run|invoke|reset)|(in|out)put(_\d+)?_(codes|bytes))\b"
)
_ENTRY_POINTS = re.compile(r"^(int8_t \*|const int8_t \*|void )", re.MULTILINE)
_DEFINED = re.compile(r"^#define (EDGE_MODEL_\w+) (.+)$", re.MULTILINE)
_MACRO = re.compile(r"EDGE_MODEL_\w+")


@dataclass(frozen=True)
class Case:
    """A network and what it is given: (N, numbers) of the file's dtype; of several inputs (N, codes) int8 of all."""

    compiled: CompiledModel
    inputs: np.ndarray


def run_merged(cases: Sequence[Case], folder: Path, *, flags: Sequence[str] = ("-O1", *SANITIZERS)) -> list[np.ndarray]:
    """Returns the outputs (N, bytes) int8 of every network, from one program built with gcc in `folder`.

    The program is C99 without warnings. Raises subprocess.CalledProcessError where gcc complains or a sanitizer finds
    something, with what it says in `stderr`.
    """
    write_merged(cases, folder)
    command = ["gcc", "-std=c99", "-Wall", "-Wextra", "-Wconversion", "-Werror", *flags, "merged.c", "-o", "merged"]
    subprocess.run(command, cwd=folder, check=True, capture_output=True, text=True)
    given = b"".join(np.ascontiguousarray(case.inputs).tobytes() for case in cases)
    found = subprocess.run([folder / "merged"], input=given, check=True, capture_output=True).stdout
    outputs = []
    for case in cases:
        size = len(case.inputs) * _size(case.compiled.outputs)
        outputs.append(np.frombuffer(found[:size], np.int8).reshape(len(case.inputs), -1))
        found = found[size:]
    assert not found
    return outputs


def write_merged(cases: Sequence[Case], folder: Path) -> None:
    """Writes merged.c, every kernel of the cases once and every network, and what it includes."""
    kernels, networks = _kernels_and_networks(cases)
    calls = []
    for number, case in enumerate(cases):
        sizes = case.inputs.shape[1] * case.inputs.itemsize, _size(case.compiled.outputs)
        calls.append(f"  run({len(case.inputs)}, {sizes[0]}, {sizes[1]}, network{number});")
    (folder / "edge_intrinsics.h").write_text(_file(cases[0], "edge_intrinsics.h"), encoding="utf-8")
    text = "\n".join([_HEAD, kernels, networks, _MAIN, *calls, "  return 0;\n}\n"])
    (folder / "merged.c").write_text(text, encoding="utf-8")


def run_merged_on_core(core: EmulatedCore, cases: Sequence[Case], folder: Path, *, small: bool) -> list[np.ndarray]:
    """Returns the outputs (N, bytes) int8 of every network, which all have N inputs, from one image of a core.

    To the program around it they are one network: its input are all their inputs, one after the other.

    Args:
        core: where to run.
        cases: the networks.
        folder: for the C.
        small: whether they were made for size.
    """
    kernels, networks = _kernels_and_networks(cases)
    inputs = [case.inputs.view(np.uint8).reshape(len(case.inputs), -1) for case in cases]
    starts, size = _places([each.shape[1] for each in inputs])
    ends, output_size = _places([_size(case.compiled.outputs) for case in cases])
    frames = np.zeros((len(inputs[0]), size), np.uint8)
    for start, each in zip(starts, inputs, strict=True):
        frames[:, start : start + each.shape[1]] = each
    header = _CORE_HEADER.format(input=size, output=output_size)
    calls = "".join(
        f"  network{number}(all_inputs + {start}, all_outputs + {end});\n"
        for number, (start, end) in enumerate(zip(starts, ends, strict=True))
    )
    (folder / "edge_model.h").write_text(header, encoding="utf-8")
    (folder / "edge_intrinsics.h").write_text(_file(cases[0], "edge_intrinsics.h"), encoding="utf-8")
    head = '#include "edge_model.h"\n' + "#define EDGE_SMALL 1\n" * small + '#include "edge_intrinsics.h"\n'
    text = "\n".join([head, kernels, networks, _CORE_PROGRAM.replace("CALLS", calls)])
    (folder / "edge_model.c").write_text(text, encoding="utf-8")
    outputs = run_on_core(core, folder, frames).outputs
    sizes = (_size(case.compiled.outputs) for case in cases)
    return [outputs[:, end : end + size] for end, size in zip(ends, sizes, strict=True)]


def _kernels_and_networks(cases: Sequence[Case]) -> tuple[str, str]:
    """Returns each kernel once, and each network under names of its own."""
    kernels: dict[str, str] = {}
    networks = []
    for number, case in enumerate(cases):
        shared, network = _file(case, "edge_model.c").split("/* Network. */\n")
        for text in re.split(r"(?=/\* Kernel: )", shared)[1:]:
            name = text.split()[2].rstrip(".:")
            # How a function is declared depends on how many steps of its own network call it.
            chunk = re.sub(r"\bEDGE_\w*KERNEL(?= void )", "EDGE_KERNEL", text)
            assert kernels.setdefault(name, chunk) == chunk, f"two kernels are called {name}"
        networks.append(_renamed(case, network, number))
    return "\n".join(kernels.values()), "\n".join(networks)


def _file(case: Case, name: str) -> str:
    return next(file.text for file in case.compiled.files if file.name == name)


def _places(sizes: Sequence[int]) -> tuple[list[int], int]:
    """Returns where parts of so many bytes begin, each aligned to 8 of them, and where the last ends."""
    ends = np.cumsum([-(-size // 8) * 8 for size in sizes]).tolist()
    return [0, *ends[:-1]], ends[-1]


def _renamed(case: Case, network: str, number: int) -> str:
    """Returns a network whose names meet no other's, and whose functions are private."""
    compiled = case.compiled
    text = _ENTRY_POINTS.sub(r"static \1", network)
    text = _OWN_NAMES.sub(rf"network{number}_\g<0>", text)
    header = next(file.text for file in compiled.files if file.name == "edge_model.h")
    defined = dict(_DEFINED.findall(header))
    text = _MACRO.sub(lambda found: defined[found[0]], text)
    arguments = [*_pointers("input", compiled.inputs), *_pointers("output", compiled.outputs)]
    return (
        f"static uint8_t network{number}_edge_arena[{compiled.arena_bytes}] EDGE_ALIGNED(16);\n{text}\n"
        f"static void network{number}(const void *input, void *output) {{\n"
        f"  network{number}_edge_model_invoke({', '.join(arguments)});\n}}\n"
    )


def _pointers(side: str, ends: Sequence[CompiledEnd]) -> Iterable[str]:
    """Yields where each end lies in a frame or in what comes of it."""
    const = "const " if side == "input" else ""
    offset = 0
    for end in ends:
        c_type = "float" if end.stored.dtype == "float32" else f"{end.stored.dtype}_t"
        yield f"({const}{c_type} *)({const}void *)(({const}int8_t *){side} + {offset})"
        offset += _size([end])


def _size(ends: Sequence[CompiledEnd]) -> int:
    """Returns the bytes of all ends of a side."""
    return sum(int(np.prod(end.stored.shape)) * np.dtype(end.stored.dtype).itemsize for end in ends)


_CORE_HEADER = """#include <stdint.h>
#define EDGE_MODEL_INPUT_BYTES {input}
#define EDGE_MODEL_OUTPUT_BYTES {output}
#define EDGE_MODEL_ARENA_BYTES 4
int8_t *edge_model_input(void);
void edge_model_run(void);
const int8_t *edge_model_output(void);
"""
_CORE_PROGRAM = """
static int8_t all_inputs[EDGE_MODEL_INPUT_BYTES] EDGE_ALIGNED(8), all_outputs[EDGE_MODEL_OUTPUT_BYTES] EDGE_ALIGNED(8);
int8_t *edge_model_input(void) { return all_inputs; }
const int8_t *edge_model_output(void) { return all_outputs; }
void edge_model_run(void) {
CALLS}
"""
_HEAD = '#include <stdio.h>\n#include "edge_intrinsics.h"\n'
_MAIN = """
static int8_t frame[1 << 20] EDGE_ALIGNED(8), result[1 << 20] EDGE_ALIGNED(8);

static void run(int count, size_t input, size_t output, void (*invoke)(const void *, void *)) {
  for (int i = 0; i < count; i++) {
    if (fread(frame, 1, input, stdin) != input) return;
    invoke(frame, result);
    fwrite(result, 1, output, stdout);
  }
}

int main(void) {"""
