"""Fronts of one search for several boards: rows of benchmarks/search_boards.py."""

from collections.abc import Sequence
from typing import TypedDict

from benchmarks.lib.markdown import table

_LIMITS = (800_000, 1_600_000, 3_300_000, 8_000_000)


class Row(TypedDict):
    """A network on a board's front.

    Attributes:
        board: its name.
        core: that its C was counted on.
        score: of the int8 file on val by the reference kernels, in [0, 1]; it chose the network.
        instructions, flash_bytes, ram_bytes: as counted on the core.
    """

    board: str
    core: str
    score: float
    instructions: int
    flash_bytes: int
    ram_bytes: int


def boards_table(rows: Sequence[Row]) -> str:
    """Returns one line per board: how many networks its front has, from where, and the best under each limit."""
    lines = []
    for board in dict.fromkeys(row["board"] for row in rows):
        front = [row for row in rows if row["board"] == board]
        least = min(front, key=lambda row: row["instructions"])
        best = [max((row["score"] for row in front if row["instructions"] <= limit), default=None) for limit in _LIMITS]
        cells = [board, front[0]["core"], str(len(front)), f"{least['instructions']:,}", f"{100 * least['score']:.1f}"]
        lines.append([*cells, *("" if score is None else f"{100 * score:.1f}" for score in best)])
    under = [f"to {limit / 1e6:.1f} M" for limit in _LIMITS]
    return table(["board", "core", "networks", "fewest instructions", "val, int8", *under], lines)
