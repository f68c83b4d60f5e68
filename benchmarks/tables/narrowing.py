"""Trained networks and what searches narrow them to: rows of benchmarks/narrowing.py."""

import statistics
from collections.abc import Sequence
from typing import TypedDict

from benchmarks.lib.markdown import spread, table


class Row(TypedDict):
    """One training and its narrowing.

    Attributes:
        family: of which the network is.
        instructions: that may be left.
        seed: of the training and the narrowing.
        trained, narrowed: scores on val, float, from 0 to 1.
        trained_instructions, narrowed_instructions: as predicted.
        seconds: of a processor that the narrowing took.
    """

    family: str
    instructions: int
    seed: int
    trained: float
    trained_instructions: int
    narrowed: float
    narrowed_instructions: int
    seconds: float


def narrowing_table(rows: Sequence[Row]) -> str:
    """Returns one line per family and limit: medians over seeds, with the least and the most behind them."""
    lines = []
    for family, most in dict.fromkeys((row["family"], row["instructions"]) for row in rows):
        chosen = [row for row in rows if (row["family"], row["instructions"]) == (family, most)]
        trained, narrowed = [100 * row["trained"] for row in chosen], [100 * row["narrowed"] for row in chosen]
        before = statistics.median(row["trained_instructions"] for row in chosen)
        after = statistics.median(row["narrowed_instructions"] for row in chosen)
        seconds = statistics.median(row["seconds"] for row in chosen)
        cells = [family, f"{before:,.0f}", spread(trained, 1), f"{after:,.0f}", spread(narrowed, 1), f"{seconds:.0f} s"]
        lines.append([*cells, str(len(chosen))])
    headings = ["network", "instructions", "trained", "narrowed to", "**narrowed**", "processor", "seeds"]
    return table(headings, lines)
