"""Other generators of C beside ours, on a Cortex-M4: which networks they take, what theirs costs, whose bytes it gives.

    python -m venv V && V/bin/pip install 'bakenn[tflite]==1.0.0' 'emx-onnx-cgen==1.4.0'
    python -m benchmarks.peers V/bin/python SHARED/models/mlperf_tiny/ad01_int8.tflite RUN/artifacts/model_int8.onnx \
        --json benchmarks/results/peers.json

bakenn takes .tflite files, emx-onnx-cgen .onnx files. For bakenn, which takes no batch that may vary, it is fixed at 1
first. Instructions are those of one frame, flash and static RAM what the network adds to an empty image.
"""

import argparse
import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from benchmarks.lib.bakenn_shim import flattened
from benchmarks.lib.script import run_script
from benchmarks.tables.peers import OURS, Row, peers_table
from edge_nas.codegen import compile_tflite, write_compiled
from edge_nas.core.atomic import write_json
from edge_nas.core.processes import run
from edge_nas.core.temporary import temporary_folder
from edge_nas.emulation import find_core, run_on_core
from edge_nas.emulation.frames import packed, stored_frames
from edge_nas.errors import ArtifactError, GateError, ResourceError
from edge_nas.int8.intake import open_tflite_path
from edge_nas.runtimes.reference import run_reference

CORE = "cortex-m4"
BY_SUFFIX = {".tflite": ("bakenn", "bakenn with CMSIS-NN"), ".onnx": ("emx-onnx-cgen",)}
WORKER = Path(__file__).parent / "lib" / "generator_worker.py"
_LIMIT_S = 300.0
_FRAMES = 5


def main(arguments: Sequence[str] | None = None) -> None:
    """Prints a Markdown table."""
    options = _parse(arguments)
    rows = [row for path in options.models for row in _rows(options.python, path)]
    if options.json:
        write_json(options.json, {"core": CORE, "rows": rows})
    print(peers_table(rows))


def _rows(python: str, path: Path) -> Iterator[Row]:
    for generator in BY_SUFFIX[path.suffix]:
        yield _of_another(python, generator, path)
    if path.suffix == ".tflite":
        compiled = compile_tflite(path)
        with temporary_folder() as folder:
            write_compiled(compiled, folder)
            yield _counted(path, OURS, folder)


def _of_another(python: str, generator: str, path: Path) -> Row:
    """Returns the row of another generator: what its C takes, or why there is none."""
    with temporary_folder() as generated, temporary_folder() as folder:
        command = [python, str(WORKER), generator, str(path), str(generated)]
        done = run(command, limit_s=_LIMIT_S)
        if done.code != 0:
            raise ResourceError(f"{' '.join(command[:3])} ended with exit code {done.code}: {done.complaint}")
        answer = json.loads(done.stdout.splitlines()[-1])
        name = f"{generator} {answer['version']}"
        if answer["refusal"] is not None:
            return Row(model=path.name, generator=name, refusal=answer["refusal"])
        if path.suffix != ".tflite":
            raise ResourceError(f"{name} takes {path}, and nothing here runs its C yet; write it a shim")
        return _counted(path, name, flattened(generated, folder))


def _counted(path: Path, generator: str, folder: Path) -> Row:
    """Returns what the C in a folder takes, and which share of the output bytes is the reference kernels'."""
    frames = stored_frames(compile_tflite(path).inputs, _FRAMES)
    expected = packed(run_reference(open_tflite_path(path).data, frames.inputs, source=str(path)))
    try:
        found = run_on_core(find_core(CORE), folder, packed(frames.inputs))
    except GateError as error:
        return Row(model=path.name, generator=generator, refusal=str(error))
    return Row(
        model=path.name,
        generator=generator,
        refusal=None,
        instructions=max(found.instructions),
        flash_bytes=found.sizes.flash_bytes,
        ram_bytes=found.sizes.ram_bytes,
        equal=float((found.outputs == expected).mean()),
    )


def _parse(arguments: Sequence[str] | None) -> Any:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("python", help="the Python that has the other generators")
    parser.add_argument("models", type=_model, nargs="+", metavar="FILE")
    parser.add_argument("--json", type=Path, help="where the results go")
    return parser.parse_args(arguments)


def _model(text: str) -> Path:
    path = Path(text)
    if path.suffix not in BY_SUFFIX or not path.is_file():
        raise ArtifactError(f"{path}: no such file, or none that ends on {' or '.join(BY_SUFFIX)}")
    return path


if __name__ == "__main__":
    run_script(main)
