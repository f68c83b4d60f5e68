"""The tables that a build ends with under --verbose, from the same result that result.json holds."""

from collections.abc import Iterable

from rich.console import Console
from rich.table import Table

from edge_nas.core.formats import count, kibibytes, score
from edge_nas.results.front import Front
from edge_nas.results.result import CoreResult, CostSummary, Result, ResultEvaluation
from edge_nas.results.scores import AnyMetrics

NETWORKS = ("trained", "repaired", "pruned", "int8")


def print_summary(result: Result) -> None:
    """Prints what the run holds: scores beside the baselines, cost, every core, latency on this machine."""
    if result.evaluation.baselines is not None:
        print_scores(_scores(result.evaluation), f"scores on {result.evaluation.split}")
    _print_costs({"trained": result.cost.trained, "deployed": result.cost.deployed})
    _print_cores({name: core for name, core in result.cores.items() if core.bytes_equal})
    _print_benchmarks(result)


def print_scores(scores: dict[str, AnyMetrics], title: str | None = None) -> None:
    """Prints the scores of each network, one line each."""
    headings = next(iter(scores.values())).shown
    table = _table(("network",), headings, title=title)
    for name, metrics in scores.items():
        table.add_row(name, *map(score, metrics.shown.values()))
    _console().print(table)


def print_front(front: Front) -> None:
    """Prints the networks that a search found, one line each."""
    table = _table(("network", "board"), ("score on val", "instructions", "flash", "RAM"))
    for network in front.networks:
        sizes = (_size(network.flash_bytes), _size(network.ram_bytes))
        table.add_row(str(network.id), network.board, score(network.score), f"{network.instructions:,}", *sizes)
    _print_filled(table)


def _scores(evaluation: ResultEvaluation) -> dict[str, AnyMetrics]:
    """Returns the baselines' scores, then those of each network that there is."""
    scores = {key.replace("_", " "): metrics for key, metrics in (evaluation.baselines or {}).items()}
    for name in NETWORKS:
        metrics = getattr(evaluation, name)
        if metrics is not None:
            scores[name] = metrics
    return scores


def _print_costs(costs: dict[str, CostSummary | None]) -> None:
    table = _table(("cost",), ("params", "MACs", "flash", "peak RAM"))
    for name, cost in costs.items():
        if cost is not None:
            sizes = (_size(cost.flash_bytes), _size(cost.peak_ram_bytes))
            table.add_row(name, f"{cost.params:,}", count(cost.macs), *sizes)
    _print_filled(table)


def _print_cores(cores: dict[str, CoreResult]) -> None:
    table = _table(("core, bytes equal",), ("instructions", "flash", "RAM", "stack"))
    for name, core in cores.items():
        sizes = (_size(core.flash_bytes), _size(core.ram_bytes), _size(core.stack_bytes))
        table.add_row(name, f"{core.instructions:,}", *sizes)
    _print_filled(table)


def _print_benchmarks(result: Result) -> None:
    table = _table(("latency", "model"), ("threads", "p50 ms", "p90 ms", "runs"))
    for entry in result.benchmarks:
        latencies = (f"{entry.p50_ms:.3f}", f"{entry.p90_ms:.3f}")
        table.add_row(entry.runtime, entry.model, str(entry.threads), *latencies, str(entry.runs))
    _print_filled(table)


def _table(names: tuple[str, ...], figures: Iterable[str], title: str | None = None) -> Table:
    """Returns an empty table: columns of text to the left, columns of figures to the right."""
    table = Table(*names, title=title, title_justify="left")
    for heading in figures:
        table.add_column(heading, justify="right")
    return table


def _size(size_bytes: int | None) -> str:
    return "" if size_bytes is None else kibibytes(size_bytes)


def _print_filled(table: Table) -> None:
    """Prints a table that has a row."""
    if table.row_count:
        _console().print(table)


def _console() -> Console:
    # Made when it is used: standard output may have been replaced since the import.
    return Console(highlight=False)
