"""Instructions and memory on emulated cores, beside figures of other engines: rows of benchmarks/mcu.py."""

from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from benchmarks.lib.markdown import table

Row = Mapping[str, Any]
"""One network: a VerificationReport as plain data, with `model` (the file's name), `optimize`, `macs` and `tflm` (the
figures of benchmarks/lib/tflm.py on each core that was asked for)."""

ENGINES = {"speed": "generated C", "size": "generated C, for size"}


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


class Line(NamedTuple):
    """One engine on one core; the stack is None where it was not measured."""

    network: str
    engine: str
    core: str
    macs: int
    instructions: int
    flash_bytes: int
    ram_bytes: int
    stack_bytes: int | None


def mcu_table(lines: Iterable[Line]) -> str:
    """Returns instructions, flash, RAM and stack of every line."""
    headings = ["network", "engine", "core", "instructions", "per MAC", "flash bytes", "RAM bytes", "stack bytes"]
    return table(headings, [_cells(line) for line in lines])


def recorded_lines(row: Row, name: str) -> Iterator[Line]:
    """Yields the figures that were recorded elsewhere for the very file of a row."""
    for figure in RECORDED:
        if figure.sha256 == row["model_sha256"]:
            sizes = figure.flash_bytes, figure.ram_bytes, None
            yield Line(name, figure.engine, figure.core, row["macs"], figure.instructions, *sizes)


def measured_lines(row: Row, name: str, cores: Container[str] | None = None) -> Iterator[Line]:
    """Yields TFLM's lines, then those of the generated C on each core that it ran on, or of those that are named."""
    for peer in row["tflm"]:
        yield _measured(name, _peer(peer), peer["core"], row["macs"], peer)
    for core, figures in row["cores"].items():
        if figures["skipped"] is None and (cores is None or core in cores):
            yield _measured(name, ENGINES[row["optimize"]], core, row["macs"], figures)


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
        f"{line.instructions / line.macs:.2f}",
        f"{line.flash_bytes:,}",
        f"{line.ram_bytes:,}",
        "" if line.stack_bytes is None else f"{line.stack_bytes:,}",
    ]
