"""Generated C on emulated cores: instructions, flash, RAM and stack, every output byte equal to the reference kernels.

    python benchmarks/mcu.py SHARED/models/nano_u/*.tflite SHARED/models/mlperf_tiny/*_int8.tflite --json results.json
    python benchmarks/mcu.py MODEL.tflite --cores cortex-m4 --steps

Instructions are the most that one inference took over the frames, counted exactly; flash and RAM are what the network
adds to an empty image, input and output included. `--steps` adds the instructions of each step on each core. Figures of
an interpreter with optimised kernels for one of the networks were recorded elsewhere and stand in the table as such.
"""

import argparse
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from edge_nas.codegen import compile_tflite
from edge_nas.core.atomic import write_json
from edge_nas.core.config import VerifySpec
from edge_nas.core.machine import machine_facts
from edge_nas.core.verification import VerificationReport
from edge_nas.emulation import CORES
from edge_nas.int8.cost import tflite_cost
from edge_nas.int8.graph import read_tflite
from edge_nas.verification import verify_model


@dataclass(frozen=True)
class Recorded:
    """A figure of another engine for the network of this hash, measured elsewhere and not made again here.

    TFLM of 2026-08-20 with CMSIS-NN 4ab83cc, gcc 12.2 -O3, the four operators in its resolver, two frames, byte-equal.
    Flash is the text of the whole image, startup included; RAM the arena.
    """

    sha256: str
    engine: str
    core: str
    instructions: int
    flash_bytes: int
    ram_bytes: int


_TINY_AGRI = "49d2036350e3422abafb4bafb8dc836d5591480cabeb90a0335dc819c527e519"
RECORDED = (
    Recorded(_TINY_AGRI, "TFLM, reference kernels (recorded)", "cortex-m4", 221_900_000, 86_560, 84_580),
    Recorded(_TINY_AGRI, "TFLM + CMSIS-NN (recorded)", "cortex-m4", 23_198_754, 91_140, 84_628),
    Recorded(_TINY_AGRI, "TFLM + CMSIS-NN, Helium (recorded)", "cortex-m55", 12_005_183, 84_456, 89_140),
)


def main(arguments: Sequence[str] | None = None) -> None:
    """Prints a Markdown table."""
    options = _parse(arguments)
    lines = [
        "| network | engine | core | instructions | per MAC | flash bytes | RAM bytes | stack bytes |",
        "|---|---|---|---|---|---|---|---|",
    ]
    measured = []
    for path in options.models:
        data = path.read_bytes()
        report = verify_model(_spec(options), data, compile_tflite(path), source=str(path))
        macs = tflite_cost(read_tflite(data, str(path)), len(data)).macs
        measured.append({"model": path.name, "macs": macs, **report.to_data()})
        lines += _lines(path.stem, macs, report)
        print(f"{path.name}: every byte equal", file=sys.stderr, flush=True)
    if options.json:
        write_json(options.json, {"inputs": options.inputs, "machine": machine_facts(), "rows": measured})
    print("\n".join(lines))
    if options.steps:
        print("\n".join(line for row in measured for line in _step_lines(row)))


def _spec(options: argparse.Namespace) -> VerifySpec:
    cores = tuple(options.cores) if options.cores else None
    counted = (cores or tuple(CORES)) if options.steps else ()
    frames = options.inputs
    return VerifySpec(inputs=frames, slow_inputs=frames, core_inputs=frames, cores=cores, step_cores=counted)


def _lines(network: str, macs: int, report: VerificationReport) -> Iterator[str]:
    for peer in RECORDED:
        if peer.sha256 == report.model_sha256:
            yield _line(
                network, peer.engine, peer.core, macs, peer.instructions, peer.flash_bytes, peer.ram_bytes, None
            )
    for name, core in report.cores.items():
        if core.skipped is None:
            yield _line(
                network,
                "generated C",
                name,
                macs,
                core.instructions or 0,
                core.flash_bytes or 0,
                core.ram_bytes or 0,
                core.stack_bytes,
            )
        else:
            print(f"{network}, {name}: skipped, {core.skipped}", file=sys.stderr)


def _line(*cells: Any) -> str:
    network, engine, core, macs, instructions, flash, ram, stack = cells
    deep = "" if stack is None else f"{stack:,}"
    figures = f"{instructions:,} | {instructions / macs:.2f} | {flash:,} | {ram:,} | {deep}"
    return f"| {network} | {engine} | {core} | {figures} |"


def _step_lines(row: dict[str, Any]) -> Iterator[str]:
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
    parser.add_argument("--steps", action="store_true", help="count the instructions of each step as well")
    parser.add_argument("--json", type=Path, help="where the results go")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    main()
