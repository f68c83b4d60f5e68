"""Instructions and memory on emulated cores, beside figures of other engines: rows of benchmarks/mcu.py."""

from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from benchmarks.lib.markdown import table
from benchmarks.tables.recorded import RECORDED

Row = Mapping[str, Any]
"""One network: a VerificationReport as plain data, with `model` (the file's name), `optimize`, `macs`, `predicted` (the
instructions that `edge_nas.costs` says, by core, where it knows them) and `tflm` (the figures of benchmarks/lib/tflm.py
on each core that was asked for)."""

ENGINES = {"speed": "generated C", "size": "generated C, for size"}


class Line(NamedTuple):
    """One engine on one core; bytes are None where they were not measured, `predicted` instructions where unknown."""

    network: str
    engine: str
    core: str
    macs: int
    instructions: int
    flash_bytes: int | None
    ram_bytes: int | None
    stack_bytes: int | None
    predicted: int | None = None


def mcu_table(lines: Iterable[Line]) -> str:
    """Returns instructions as counted and as predicted, flash, RAM and stack of every line."""
    headings = ["network", "engine", "core", "instructions", "predicted", "per MAC", "flash bytes", "RAM bytes"]
    headings.append("stack bytes")
    return table(headings, [_cells(line) for line in lines])


def recorded_lines(row: Row, name: str, cores: Container[str] | None = None) -> Iterator[Line]:
    """Yields what was recorded elsewhere for the very file of a row, on all cores or on those that are named."""
    for figure in RECORDED:
        if figure.sha256 == row["model_sha256"] and (cores is None or figure.core in cores):
            sizes = figure.flash_bytes, figure.ram_bytes, None
            yield Line(name, figure.engine, figure.core, row["macs"], figure.instructions, *sizes)


def measured_lines(row: Row, name: str, cores: Container[str] | None = None) -> Iterator[Line]:
    """Yields TFLM's lines, then those of the generated C on each core that it ran on, or of those that are named."""
    for peer in row["tflm"]:
        yield _measured(name, _peer(peer), peer["core"], row["macs"], peer)
    for core, figures in row["cores"].items():
        if figures["skipped"] is None and (cores is None or core in cores):
            line = _measured(name, ENGINES[row["optimize"]], core, row["macs"], figures)
            yield line._replace(predicted=row.get("predicted", {}).get(core))


def _measured(name: str, engine: str, core: str, macs: int, figures: Mapping[str, Any]) -> Line:
    sizes = figures["flash_bytes"], figures["ram_bytes"], figures["stack_bytes"]
    return Line(name, engine, core, macs, figures["instructions"], *sizes)


def _peer(figures: Mapping[str, Any]) -> str:
    """Returns TFLM's engine, which checkout it is of and how many bytes differ."""
    commit, _, changed = figures["commit"].partition("-")
    share = figures["differing_share"]
    differing = f", {100 * share:.2g} % of bytes differ" if share else ""
    return f"{figures['engine']} ({commit[:9]}{'-' if changed else ''}{changed}{differing})"


def _cells(line: Line) -> Sequence[str]:
    return [
        line.network,
        line.engine,
        line.core,
        f"{line.instructions:,}",
        "" if line.predicted is None else _predicted(line.predicted, line.instructions),
        f"{line.instructions / line.macs:.2f}",
        *("" if size is None else f"{size:,}" for size in (line.flash_bytes, line.ram_bytes, line.stack_bytes)),
    ]


def _predicted(predicted: int, counted: int) -> str:
    return f"{predicted:,} ({100 * (predicted / counted - 1):+.1f} %)"
