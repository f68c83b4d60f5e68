"""Instructions per product of many networks on one core: rows of benchmarks/instructions_per_mac.py."""

import statistics
from collections.abc import Sequence
from typing import TypedDict

from benchmarks.lib.markdown import table


class Row(TypedDict):
    """One network for one inference; bytes of flash beyond an empty image, of the arena, and of the interpreter's."""

    model: str
    macs: int
    instructions: int
    flash_bytes: int
    arena_bytes: int
    interpreter_arena_bytes: int


def instructions_table(rows: Sequence[Row]) -> str:
    """Returns a line for each network, the most instructions per product first, then the median."""
    headings = ["network", "MACs", "instructions", "per MAC", "flash bytes", "arena bytes", "interpreter's arena"]
    lines = [_cells(row) for row in sorted(rows, key=lambda row: -row["instructions"] / row["macs"])]
    median = statistics.median(row["instructions"] / row["macs"] for row in rows)
    return table(headings, [*lines, [f"median of {len(rows)}", "", "", f"{median:.2f}", "", "", ""]])


def _cells(row: Row) -> list[str]:
    sizes = (row["flash_bytes"], row["arena_bytes"], row["interpreter_arena_bytes"])
    ratio = f"{row['instructions'] / row['macs']:.2f}"
    return [row["model"], f"{row['macs']:,}", f"{row['instructions']:,}", ratio, *(f"{size:,}" for size in sizes)]
