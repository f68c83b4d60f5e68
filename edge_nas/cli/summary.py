"""The table at the end of a build, from the same result that result.json holds."""

from pathlib import Path

from rich.console import Console
from rich.table import Table

from edge_nas.core.formats import count, kibibytes, score
from edge_nas.results.result import CoreResult, CostSummary, Result
from edge_nas.results.scores import AnyMetrics

ROWS = ("trained", "repaired", "pruned", "int8")


def print_summary(result: Result, run: Path) -> None:
    """Prints what the run holds: scores beside the baselines, cost, latency, and where to look."""
    evaluation = result.evaluation
    if evaluation.baselines is not None:
        scores = {key.replace("_", " "): metrics for key, metrics in evaluation.baselines.items()}
        scores |= {name: metrics for name in ROWS if (metrics := getattr(evaluation, name)) is not None}
        print_scores(scores, f"scores on {evaluation.split}")
    costs = {"trained": result.cost.trained, "deployed": result.cost.deployed}
    if any(costs.values()):
        _print_costs({name: cost for name, cost in costs.items() if cost is not None})
    measured = {name: core for name, core in result.cores.items() if core.bytes_equal}
    if measured:
        _print_cores(measured)
    if result.benchmarks:
        _print_benchmarks(result)
    _console().print(f"{run}: {_contents(run)}", markup=False, soft_wrap=True)


def print_scores(scores: dict[str, AnyMetrics], title: str | None = None) -> None:
    """Prints the scores of each network, one line each."""
    table = Table("network", title=title, title_justify="left")
    for heading in next(iter(scores.values())).shown:
        table.add_column(heading, justify="right")
    for name, metrics in scores.items():
        table.add_row(name, *(score(value) for value in metrics.shown.values()))
    _console().print(table)


def _print_costs(costs: dict[str, CostSummary]) -> None:
    table = Table("cost", title_justify="left")
    for heading in ("params", "MACs", "flash", "peak RAM"):
        table.add_column(heading, justify="right")
    for name, cost in costs.items():
        sizes = [kibibytes(size) if size is not None else "" for size in (cost.flash_bytes, cost.peak_ram_bytes)]
        table.add_row(name, f"{cost.params:,}", count(cost.macs), *sizes)
    _console().print(table)


def _print_cores(cores: dict[str, CoreResult]) -> None:
    table = Table("core, bytes equal", title_justify="left")
    for heading in ("instructions", "flash", "RAM", "stack"):
        table.add_column(heading, justify="right")
    for name, core in cores.items():
        sizes = [kibibytes(size or 0) for size in (core.flash_bytes, core.ram_bytes, core.stack_bytes)]
        table.add_row(name, f"{core.instructions:,}", *sizes)
    _console().print(table)


def _print_benchmarks(result: Result) -> None:
    table = Table("latency", "model", title_justify="left")
    for heading in ("threads", "p50 ms", "p90 ms", "runs"):
        table.add_column(heading, justify="right")
    for entry in result.benchmarks:
        latencies = (f"{entry.p50_ms:.3f}", f"{entry.p90_ms:.3f}")
        table.add_row(entry.runtime, entry.model, str(entry.threads), *latencies, str(entry.runs))
    _console().print(table)


def _contents(run: Path) -> str:
    names = [name for name in ("report.html", "result.json", "manifest.json", "artifacts") if (run / name).exists()]
    return ", ".join(names)


def _console() -> Console:
    # Made when it is used: standard output may have been replaced since the import.
    return Console(highlight=False)
