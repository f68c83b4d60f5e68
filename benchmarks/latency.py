"""Latency of .tflite and .onnx files on this machine, batch 1, side by side.

    python -m benchmarks.latency model.tflite model.onnx --runs 300 --threads 1 [--json]

.tflite files run through LiteRT with its default delegate, .onnx files through ONNX Runtime. Ratios are of medians,
against the first file: 2.00x is twice as slow.
"""

import argparse
import json
import sys
from pathlib import Path

from rich.console import Console
from rich.table import Table

from edge_nas.benchmarking import benchmark, timed_file
from edge_nas.core.config import BenchmarkSpec
from edge_nas.errors import EdgeNasError
from edge_nas.results.benchmark import BenchmarkOutput


def main(arguments: list[str] | None = None) -> int:
    """Prints the table or JSON; returns the exit code."""
    options = _parser().parse_args(arguments)
    spec = BenchmarkSpec(runs=options.runs, warmup=options.warmup, threads=options.threads)
    log = Console(stderr=True)
    try:
        models = [
            timed_file(path, spec.threads, model=name)
            for path, name in zip(options.models, _names(options.models), strict=True)
        ]
    except EdgeNasError as error:
        print(error, file=sys.stderr)
        return error.exit_code
    with log.status("") as status:
        output = benchmark(
            spec, models, lambda what, done, total: status.update(f"{done} of {total} rounds done; timing {what}")
        )
    if options.json:
        print(json.dumps(output.to_data(), indent=2))
    else:
        _print(output, spec)
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description="Latency of .tflite and .onnx files, batch 1, side by side.")
    parser.add_argument("models", nargs="+", type=Path, metavar="MODEL", help=".tflite or .onnx file")
    parser.add_argument("--runs", type=_positive, default=300, help="timed calls per file (default 300)")
    parser.add_argument("--warmup", type=_positive, default=20, help="untimed calls before each round (default 20)")
    parser.add_argument("--threads", type=_positive, default=1, help="threads of one inference (default 1)")
    parser.add_argument("--json", action="store_true", help="print JSON instead of a table")
    return parser


def _positive(text: str) -> int:
    value = int(text)
    if value < 1:
        raise argparse.ArgumentTypeError(f"{value} is not allowed: at least 1")
    return value


def _names(paths: list[Path]) -> list[str]:
    """Returns file names, or the paths where two files have one name."""
    names = [path.name for path in paths]
    return names if len(set(names)) == len(names) else [str(path) for path in paths]


def _print(output: BenchmarkOutput, spec: BenchmarkSpec) -> None:
    machine = output.machine
    table = Table(
        title=f"Latency in ms: {spec.runs} runs after {spec.warmup} warm-ups per round, {spec.threads} thread(s)",
        caption=f"{machine['cpu']}, {machine['cores']} cores, {machine['os']}, Python {machine['python']}",
    )
    for name in ("model", "runtime"):
        table.add_column(name, overflow="fold")
    for name in ("min", "p50", "p90", "p50 against the first"):
        table.add_column(name, justify="right")
    first = output.benchmarks[0].p50_ms
    for report in output.benchmarks:
        table.add_row(
            report.model,
            f"{report.runtime} {report.runtime_version}",
            f"{report.min_ms:.3f}",
            f"{report.p50_ms:.3f}",
            f"{report.p90_ms:.3f}",
            f"{report.p50_ms / first:.2f}x",
        )
    Console().print(table)


if __name__ == "__main__":
    sys.exit(main())
