"""Many generated networks in one host program: a compiler is started once, each kernel is compiled once."""

import re
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from edge_nas.codegen import CompiledModel
from edge_nas.results.artifacts import TensorSpec

SANITIZERS = ("-fsanitize=address,undefined", "-fno-sanitize-recover=all")
_OWN_NAMES = re.compile(
    r"\bedge_(arena|image_\d+|step_\d+(_\w+)?|model_(input|output|run|invoke)|input_codes|output_bytes)\b"
)
_ENTRY_POINTS = re.compile(r"^(int8_t \*|const int8_t \*|void )", re.MULTILINE)
_DEFINED = re.compile(r"^#define (EDGE_MODEL_\w+) (.+)$", re.MULTILINE)
_MACRO = re.compile(r"EDGE_MODEL_\w+")


@dataclass(frozen=True)
class Case:
    """A network and what it is given: (N, numbers) of the file's dtype."""

    compiled: CompiledModel
    inputs: np.ndarray


def run_merged(cases: Sequence[Case], folder: Path, *, flags: Sequence[str] = ("-O1", *SANITIZERS)) -> list[np.ndarray]:
    """Returns the outputs (N, bytes) int8 of every network, from one program built with gcc in `folder`.

    The program is C99 without warnings. Raises subprocess.CalledProcessError where gcc complains or a sanitizer finds
    something, with what it says in `stderr`.
    """
    kernels: dict[str, str] = {}
    networks = []
    calls = []
    for number, case in enumerate(cases):
        files = {file.name: file.text for file in case.compiled.files}
        shared, network = files["edge_model.c"].split("/* Network. */\n")
        for chunk in re.split(r"(?=/\* Kernel: )", shared)[1:]:
            name = chunk.split()[2].rstrip(".:")
            assert kernels.setdefault(name, chunk) == chunk, f"two kernels are called {name}"
        networks.append(_renamed(case, network, number))
        sizes = case.inputs.shape[1] * case.inputs.itemsize, _size(case.compiled.output)
        calls.append(f"  run({len(case.inputs)}, {sizes[0]}, {sizes[1]}, network{number});")
        (folder / "edge_intrinsics.h").write_text(files["edge_intrinsics.h"], encoding="utf-8")
    text = "\n".join([_HEAD, *kernels.values(), *networks, _MAIN, *calls, "  return 0;\n}\n"])
    (folder / "merged.c").write_text(text, encoding="utf-8")
    command = ["gcc", "-std=c99", "-Wall", "-Wextra", "-Werror", *flags, "merged.c", "-o", "merged"]
    subprocess.run(command, cwd=folder, check=True, capture_output=True, text=True)
    given = b"".join(np.ascontiguousarray(case.inputs).tobytes() for case in cases)
    found = subprocess.run([folder / "merged"], input=given, check=True, capture_output=True).stdout
    outputs = []
    for case in cases:
        size = len(case.inputs) * _size(case.compiled.output)
        outputs.append(np.frombuffer(found[:size], np.int8).reshape(len(case.inputs), -1))
        found = found[size:]
    assert not found
    return outputs


def _renamed(case: Case, network: str, number: int) -> str:
    """Returns a network whose names meet no other's, and whose functions are private."""
    compiled = case.compiled
    text = _ENTRY_POINTS.sub(r"static \1", network)
    text = _OWN_NAMES.sub(rf"network{number}_\g<0>", text)
    header = next(file.text for file in compiled.files if file.name == "edge_model.h")
    defined = dict(_DEFINED.findall(header))
    text = _MACRO.sub(lambda found: defined[found[0]], text)
    types = defined["EDGE_MODEL_INPUT_TYPE"], defined["EDGE_MODEL_OUTPUT_TYPE"]
    return (
        f"static uint8_t network{number}_edge_arena[{compiled.arena_bytes}] EDGE_ALIGNED(16);\n{text}\n"
        f"static void network{number}(const void *input, void *output) {{\n"
        f"  network{number}_edge_model_invoke((const {types[0]} *)input, ({types[1]} *)output);\n}}\n"
    )


def _size(spec: TensorSpec) -> int:
    """Returns the bytes of an end."""
    return int(np.prod(spec.shape)) * np.dtype(spec.dtype).itemsize


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
