"""Generators of C on one core, network by network: rows of benchmarks/peers.py."""

from collections.abc import Sequence
from typing import NotRequired, TypedDict

from benchmarks.lib.markdown import table

OURS = "edge-nas"
_REFUSAL_CHARACTERS = 120
"""Of what a generator says; its first sentence fits."""


class Row(TypedDict):
    """One network by one generator; what is counted where it took the network.

    Attributes:
        refusal: why there is no C that runs, None where there is.
        equal: share of the output bytes that are the reference kernels'.
    """

    model: str
    generator: str
    refusal: str | None
    instructions: NotRequired[int]
    flash_bytes: NotRequired[int]
    ram_bytes: NotRequired[int]
    equal: NotRequired[float]


def peers_table(rows: Sequence[Row]) -> str:
    """Returns a line for each row, in their order."""
    headings = ["network", "generator", "instructions", "flash bytes", "RAM bytes", "bytes equal", "refuses because"]
    return table(headings, [_cells(row) for row in rows])


def _cells(row: Row) -> list[str]:
    named = [row["model"], row["generator"]]
    refusal = row["refusal"]
    if refusal is not None:
        short = refusal if len(refusal) <= _REFUSAL_CHARACTERS else f"{refusal[:_REFUSAL_CHARACTERS]}..."
        return [*named, "", "", "", "", short.replace("|", "/")]
    counts = (row["instructions"], row["flash_bytes"], row["ram_bytes"])
    return [*named, *(f"{count:,}" for count in counts), f"{row['equal']:.1%}", ""]
