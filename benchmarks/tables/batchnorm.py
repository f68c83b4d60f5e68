"""Scores with moving averages and with statistics taken anew: rows of benchmarks/batchnorm.py."""

from collections.abc import Sequence
from typing import TypedDict

from benchmarks.lib.markdown import spread, table

MOVING, ANEW = "moving averages", "taken anew"


class Row(TypedDict):
    """One training scored in one way; `chosen` and `last` are scores from 0 to 1."""

    seed: int
    scored_with: str
    chosen: float
    last: float


def batchnorm_table(rows: Sequence[Row]) -> str:
    """Returns a line for each kind of statistics: median, lowest and highest over seeds, in per cent."""
    kinds = dict.fromkeys(row["scored_with"] for row in rows)
    lines = []
    for kind in kinds:
        own = [row for row in rows if row["scored_with"] == kind]
        chosen, last = [100 * row["chosen"] for row in own], [100 * row["last"] for row in own]
        lines.append([kind, str(len(own)), spread(chosen, 1), spread(last, 1)])
    return table(["statistics", "seeds", "chosen on the other half of val", "last epoch"], lines)
