"""Instructions that decoders spend on moving bytes: rows of benchmarks/movement.py."""

from collections.abc import Sequence
from typing import TypedDict

from benchmarks.lib.markdown import table


class MovementRow(TypedDict):
    """Instructions of a network on a Cortex-M4, predicted.

    network: its name. concatenations: operators. instructions: all. upsampling: of steps that only enlarge.
    fused_upsampling: of depthwise steps that enlarge what they read, which need no step for that. copies: of
    concatenations, borders and cuts. layouts: of steps that lay out what a convolution reads.
    """

    network: str
    concatenations: int
    instructions: int
    upsampling: int
    fused_upsampling: int
    copies: int
    layouts: int


def movement_table(rows: Sequence[MovementRow]) -> str:
    """Returns one line per network."""
    headings = ["network", "CONCATENATION", "instructions", "up-sampling", "copies", "together", "layouts", "fused"]
    return table(headings, [_line(row) for row in rows])


def _line(row: MovementRow) -> list[str]:
    parts = row["upsampling"], row["copies"], row["upsampling"] + row["copies"], row["layouts"], row["fused_upsampling"]
    shares = [f"{100 * part / row['instructions']:.1f} %" for part in parts]
    return [row["network"], str(row["concatenations"]), f"{row['instructions']:,}", *shares]
