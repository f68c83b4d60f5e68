"""Generated C on emulated cores: instructions, flash, RAM and stack, every output byte equal to the reference kernels.

    python -m benchmarks.mcu SHARED/models/nano_u/*.tflite SHARED/models/mlperf_tiny/*_int8.tflite --json results.json
    python -m benchmarks.mcu MODEL.tflite --cores cortex-m4 --steps
    python -m benchmarks.mcu MODEL.tflite --tflm-src TFLITE_MICRO

Instructions are the most that one inference took over the frames, counted exactly; beside them stand those that
`edge_nas.costs` predicts from the file alone. Flash and RAM are what the network adds to an empty image, input and
output included. `--steps` adds the instructions of each step on each core. Figures of an interpreter with optimised
kernels for one of the networks were recorded elsewhere and stand in the table as such.

`--tflm-src` measures TensorFlow Lite for Microcontrollers beside the generated C, on the same frames: the folder is a
checkout of tensorflow/tflite-micro, whose libraries for each core, with reference kernels and with CMSIS-NN, are used
where its Makefile has built them (BUILD_TYPE=release, say) and built where it has not. The way there was tested with a
stand-in of the checkout that holds generated C behind TFLM's interface, not with a checkout of TFLM itself.
"""

import argparse
import dataclasses
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import get_args

from benchmarks.lib.script import run_script
from benchmarks.lib.tflm import DEFAULT_CORES, ENGINES, Checkout, Figures, library_for, measure, open_checkout
from benchmarks.tables.mcu import Line, Row, mcu_table, measured_lines, recorded_lines
from edge_nas.codegen import compile_tflite
from edge_nas.core.atomic import write_json
from edge_nas.core.config import Optimize, VerifySpec
from edge_nas.core.machine import machine_facts
from edge_nas.costs import CostUnknownError, predict_costs
from edge_nas.emulation import CORES, find_core
from edge_nas.emulation.frames import make_frames
from edge_nas.errors import ConfigError, GateError
from edge_nas.int8.cost import tflite_cost
from edge_nas.int8.intake import open_tflite_path
from edge_nas.int8.interpreter import Int8Interpreter
from edge_nas.int8.reader import read_tflite
from edge_nas.verification import verify_model


def main(arguments: Sequence[str] | None = None) -> None:
    """Prints a Markdown table."""
    options = _parse(arguments)
    checkout = open_checkout(options.tflm_src) if options.tflm_src else None
    engines = _engines(checkout, options) if checkout else ()
    rows = []
    for path in options.models:
        data = open_tflite_path(path).data
        compiled = compile_tflite(path, optimize=options.optimize)
        report = verify_model(_spec(options), data, compiled, source=str(path))
        macs = tflite_cost(read_tflite(data, str(path)), len(data)).macs
        print(f"{path.name}: every byte equal", file=sys.stderr, flush=True)
        peers = list(_measured(checkout, engines, path, options.inputs)) if checkout else []
        row = {"model": path.name, "optimize": options.optimize, "macs": macs, **report.to_data()}
        row["predicted"] = _predicted(path) if options.optimize == "speed" else {}
        rows.append(row | {"tflm": [dataclasses.asdict(peer) for peer in peers]})
        for name, core in report.cores.items():
            if core.skipped is not None:
                print(f"{path.stem}, {name}: skipped, {core.skipped}", file=sys.stderr)
        if options.json:  # after each network: what ends the next one costs no other
            write_json(options.json, {"inputs": options.inputs, "machine": machine_facts(), "rows": rows})
    print(mcu_table(line for row in rows for line in _lines(row)))
    if options.steps:
        print("\n".join(line for row in rows for line in _step_lines(row)))


def _spec(options: argparse.Namespace) -> VerifySpec:
    cores = tuple(options.cores) if options.cores else None
    counted = (cores or tuple(CORES)) if options.steps else ()
    frames = options.inputs
    return VerifySpec(inputs=frames, slow_inputs=frames, core_inputs=frames, cores=cores, step_cores=counted)


def _predicted(path: Path) -> dict[str, int]:
    """Returns the instructions that are predicted for each core whose costs are known."""
    costs = predict_costs(path).items()
    return {core: cost.instructions for core, cost in costs if not isinstance(cost, CostUnknownError)}


def _engines(checkout: Checkout, options: argparse.Namespace) -> tuple[tuple[str, str], ...]:
    """Returns (kernels, core) of what TFLM is measured on, each with its library built."""
    engines = []
    for name in options.cores or DEFAULT_CORES:
        for kernels, engine in ENGINES.items():
            print(f"{engine} on {name}: looking for its library", file=sys.stderr, flush=True)
            try:
                library_for(checkout, kernels, find_core(name))
            except ConfigError as error:
                print(f"{engine} on {name}: skipped, {error}", file=sys.stderr)
            else:
                engines.append((kernels, name))
    return tuple(engines)


def _measured(checkout: Checkout, engines: Sequence[tuple[str, str]], path: Path, inputs: int) -> Iterator[Figures]:
    """Yields what TFLM takes, on the frames of the verification before."""
    data = open_tflite_path(path).data
    graph = read_tflite(data, str(path))
    frames = make_frames(graph.tensors[graph.inputs[0]].shape[1:], inputs).codes
    expected = Int8Interpreter(graph).run(frames)  # the reference kernels' bytes, as the verification has shown
    for kernels, core in engines:
        try:
            yield measure(checkout, kernels, find_core(core), data, frames=frames, expected=expected)
        except (ConfigError, GateError) as error:
            print(f"{path.stem}, {ENGINES[kernels]}, {core}: skipped, {error}", file=sys.stderr)


def _lines(row: Row) -> Iterator[Line]:
    name = Path(row["model"]).stem
    yield from recorded_lines(row, name)
    yield from measured_lines(row, name)


def _step_lines(row: Row) -> Iterator[str]:
    for name, core in row["cores"].items():
        total = sum(step["instructions"] for step in core["steps"])
        if total:
            yield f"\n{row['model']} on {name}: instructions of each step"
        for step in core["steps"]:
            yield f"{step['instructions']:>12,}  {100 * step['instructions'] / total:5.1f} %  {step['name']}"


def _parse(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("models", type=Path, nargs="+", metavar="MODEL.tflite")
    parser.add_argument("--cores", nargs="+", choices=list(CORES), help="default: all that can be emulated here")
    parser.add_argument("--inputs", type=int, default=3, help="frames on this machine and on each core")
    parser.add_argument("--optimize", choices=get_args(Optimize), default="speed", help="what the C is made for")
    parser.add_argument("--tflm-src", type=Path, metavar="DIR", help="checkout of tflite-micro to measure as well")
    parser.add_argument("--steps", action="store_true", help="count the instructions of each step as well")
    parser.add_argument("--json", type=Path, help="where the results go")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    run_script(main)
