"""The U-Net fine-tuned after pruning, beside networks of its widths from scratch: rows of benchmarks/fine_tuning.py."""

import statistics
from collections.abc import Sequence
from typing import TypedDict

from benchmarks.lib.markdown import percent, spread, table

SCRATCH = " scratch"
"""Ends the name of a network that has the widths of the one of that name, and random weights to begin with."""


class Row(TypedDict):
    """One training.

    Attributes:
        network: name of what was pruned, or that name + SCRATCH.
        seed: of the training.
        before, trained: mIoU on val, [0, 1], before and after; before is None from scratch.
        params, macs_share: of the network; MACs as a share of the unpruned network's, [0, 1].
        cpu_seconds: of everything.
    """

    network: str
    seed: int
    before: float | None
    trained: float
    params: int
    macs_share: float
    cpu_seconds: float


def fine_tuning_table(rows: Sequence[Row], networks: Sequence[str]) -> str:
    """Returns one line per network that `networks` names, each from scratch right behind what it was pruned to."""
    lines = []
    for name in networks:
        for network in (name, name + SCRATCH):
            of_network = [row for row in rows if row["network"] == network]
            if of_network:
                lines.append(_line(network, of_network))
    headings = ["network", "before training", "trained", "params", "share of MACs", "seeds", "CPU seconds"]
    return table(headings, lines)


def _line(network: str, rows: Sequence[Row]) -> list[str]:
    before = [row["before"] for row in rows if row["before"] is not None]
    return [
        network,
        spread(percent(before), digits=2),
        f"**{spread(percent(row['trained'] for row in rows), digits=2)}**",
        f"{statistics.median(row['params'] for row in rows):,.0f}",
        f"{statistics.median(row['macs_share'] for row in rows):.1%}",
        str(len(rows)),
        f"{statistics.median(row['cpu_seconds'] for row in rows):.0f}",
    ]
