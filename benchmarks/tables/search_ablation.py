"""Searches with a part left out or replaced: rows of benchmarks/search_ablation.py."""

import statistics
from collections.abc import Sequence
from typing import TypedDict

from benchmarks.lib.markdown import spread, table


class Row(TypedDict):
    """One search: arm and seed, the best score within the limit, the mean along the front, and how many are on it."""

    arm: str
    seed: int
    best: float
    area: float
    found: int


def ablation_table(rows: Sequence[Row]) -> str:
    """Returns one line per arm: medians over seeds, with the least and the most behind them."""
    lines = []
    for arm in dict.fromkeys(row["arm"] for row in rows):
        chosen = [row for row in rows if row["arm"] == arm]
        best, area = (
            [100 * value for value in values] for values in zip(*((r["best"], r["area"]) for r in chosen), strict=True)
        )
        found = statistics.median(row["found"] for row in chosen)
        lines.append([arm, spread(best, 1), spread(area, 1), f"{found:g}", str(len(chosen))])
    return table(["search", "**best val, int8**", "mean under all limits", "networks", "seeds"], lines)
