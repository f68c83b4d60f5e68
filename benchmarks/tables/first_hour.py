"""How long a newcomer waits for commands that train nothing: rows of benchmarks/first_hour.py."""

import statistics
from collections.abc import Sequence
from typing import TypedDict

from benchmarks.lib.markdown import table


class Row(TypedDict):
    """One command, called several times.

    `limit_s` is what it may take by the clock; `clock_s`, `cpu_s` and `load` hold a number for each call.
    """

    command: str
    exit_code: int
    limit_s: float
    clock_s: list[float]
    cpu_s: list[float]
    load: list[float]


def first_hour_table(rows: Sequence[Row]) -> str:
    """Returns a line for each command: its limit, and the median and the worst of its calls."""
    headings = ["command", "ends with", "at most, s", "clock, s", "worst", "CPU, s", "worst", "load"]
    return table(headings, [_cells(row) for row in rows])


def _cells(row: Row) -> list[str]:
    seconds = (f"{of(times):.2f}" for times in (row["clock_s"], row["cpu_s"]) for of in (statistics.median, max))
    load = f"{min(row['load']):.1f} to {max(row['load']):.1f}"
    return [f"`{row['command']}`", str(row["exit_code"]), f"{row['limit_s']:g}", *seconds, load]
