"""How many instructions generated C takes for each product, on a Cortex-M4, over all networks of some folders.

    python -m benchmarks.instructions_per_mac SHARED/models/mlperf_tiny SHARED/models/zoo --json results.json

Counted is the network on int8 codes, without the conversions around it that files with float ends ask for. Left out
are files that do not compile, those with several inputs or outputs, and networks of up to 100,000 products, whose count
is mostly other work. Beside the arena stands what the interpreter for microcontrollers would need (`codegen.memory`),
its limit. The exit code is 4 where a network takes more than 4 instructions per product, or the median more than 1.7.
"""

import argparse
import statistics
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from benchmarks.lib.script import run_script
from benchmarks.tables.instructions_per_mac import Row, instructions_table
from edge_nas.codegen import compile_tflite, write_compiled
from edge_nas.core.atomic import write_json
from edge_nas.core.temporary import temporary_folder
from edge_nas.emulation import find_core
from edge_nas.emulation.frames import make_frames
from edge_nas.emulation.image import measure_image
from edge_nas.emulation.profile import functions_on_core
from edge_nas.errors import ArtifactError, GateError
from edge_nas.int8.cost import tflite_cost
from edge_nas.int8.intake import open_tflite_path
from edge_nas.int8.reader import read_tflite

CORE = "cortex-m4"
FEWEST_MACS = 100_000
MOST_PER_MAC, MOST_MEDIAN = 4.0, 1.7


def main(arguments: Sequence[str] | None = None) -> None:
    """Prints a Markdown table.

    Raises:
        GateError: a network, or the median, takes too many instructions.
    """
    options = _parse(arguments)
    files = [path for folder in options.folders for path in sorted(folder.glob("*.tflite"))]
    rows = [row for path in files for row in _measured(path)]
    if options.json:
        write_json(options.json, {"core": CORE, "rows": rows})
    print(instructions_table(rows))
    check(rows)


def check(rows: Sequence[Row]) -> None:
    """Raises GateError where a network, or the median, takes too many instructions per product."""
    ratios = {row["model"]: row["instructions"] / row["macs"] for row in rows}
    slow = [f"{model} {ratio:.2f}" for model, ratio in ratios.items() if ratio > MOST_PER_MAC]
    if slow:
        raise GateError(f"more than {MOST_PER_MAC} instructions per MAC on {CORE}: {', '.join(slow)}")
    median = statistics.median(ratios.values())
    if median > MOST_MEDIAN:
        raise GateError(f"the median is {median:.2f} instructions per MAC on {CORE}; at most {MOST_MEDIAN} is wanted")


def _measured(path: Path) -> Iterator[Row]:
    """Yields the row of a file; none where it does not compile or multiplies little."""
    try:
        compiled = compile_tflite(path)
    except ArtifactError as error:
        print(f"{path.name}: left out, {error}", file=sys.stderr, flush=True)
        return
    data = open_tflite_path(path).data
    macs = tflite_cost(read_tflite(data, str(path)), len(data)).macs
    if macs <= FEWEST_MACS:
        return
    if compiled.further_inputs or compiled.further_outputs:
        print(f"{path.name}: left out, profiles are of networks with one input and one output", file=sys.stderr)
        return
    (frame,) = make_frames(compiled.inputs[0].codes.shape[1:], 1).codes
    core = find_core(CORE)
    with temporary_folder() as folder, temporary_folder() as work:
        write_compiled(compiled, folder)
        sizes = measure_image(core, folder, work)
        instructions = sum(function.instructions for function in functions_on_core(core, folder, frame))
    print(f"{path.name}: {instructions:,}", file=sys.stderr, flush=True)
    yield Row(
        model=path.stem,
        macs=macs,
        instructions=instructions,
        flash_bytes=sizes.flash_bytes,
        arena_bytes=compiled.arena_bytes,
        interpreter_arena_bytes=compiled.arena_limit,
    )


def _parse(arguments: Sequence[str] | None) -> Any:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("folders", type=Path, nargs="+", metavar="FOLDER")
    parser.add_argument("--json", type=Path, help="where the results go")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    run_script(main)
