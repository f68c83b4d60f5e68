"""Networks that searches find, beside hand-made ones and random draws: rows of benchmarks/search.py."""

import statistics
from collections.abc import Sequence
from typing import TypedDict

from benchmarks.lib.markdown import table

ON_GROUP = "search on a group"
ARMS = ("search", "one front", "random draws", "hand-made", "model", ON_GROUP)
"""In the order of the table."""


class Row(TypedDict):
    """The best network of one arm under one limit, trained and finished with one seed.

    Attributes:
        arm: one of ARMS.
        limit: instructions that one inference may take.
        group: that was held out of training and scored on; None: val.
        seed: of the training and everything after it.
        network: family and decisions in words.
        score: of the int8 file by the reference kernels, in [0, 1].
        search_group: on which the arm's search scored networks that were not trained on it; None: on val.
        as_found: its score in the arm's search, which chose it; None of hand-made networks.
        instructions, flash_bytes, ram_bytes: as counted on the board's core.
        found: networks on the front that the arm's search ended with; None of hand-made networks.
        seconds: that the arm's search took; None of hand-made networks, and of a search that was ended and went on.
    """

    arm: str
    limit: int
    group: str | None
    seed: int
    network: str
    score: float
    search_group: str | None
    as_found: float | None
    instructions: int
    flash_bytes: int
    ram_bytes: int
    found: int | None
    seconds: float | None


def search_table(rows: Sequence[Row]) -> str:
    """Returns one line per limit and arm: median, least and most over the seeds, and what the network costs.

    Where groups were held out, the mean over groups of their medians over seeds stands beside that on val, and they
    themselves in the order of their names: what one group scores is far from what another does, so that arms are
    compared group by group. One that a network was chosen by is in parentheses, and there is no mean with it. Seeds are
    counted on val.
    """
    lines = []
    for limit in sorted({row["limit"] for row in rows}):
        for arm in ARMS:
            chosen = [row for row in rows if (row["limit"], row["arm"]) == (limit, arm)]
            if chosen:
                lines.append(_line(limit, arm, chosen))
    headings = ("limit, M4 instructions", "arm", "as found", "**val, int8**", "least to most", "held out",
                "by group", "seeds", "instructions", "flash", "RAM", "front", "minutes")  # fmt: skip
    return table(headings, lines)


def _line(limit: int, arm: str, rows: Sequence[Row]) -> list[str]:
    on_val = [100 * row["score"] for row in rows if row["group"] is None]
    groups = sorted({row["group"] for row in rows if row["group"] is not None})
    held_out = [statistics.median(100 * row["score"] for row in rows if row["group"] == group) for group in groups]
    # Without a group other channels stay where a network is narrowed, and its costs are other ones.
    counted = [row for row in rows if row["group"] is None]
    costs = [max(row[what] for row in counted) for what in ("instructions", "flash_bytes", "ram_bytes")]
    as_found, found, seconds = rows[0]["as_found"], rows[0]["found"], rows[0]["seconds"]
    chosen_by = rows[0]["search_group"]
    told = [
        f"({score:.1f})" if group == chosen_by else f"{score:.1f}"
        for group, score in zip(groups, held_out, strict=True)
    ]
    return [
        f"{limit / 1e6:.1f} M",
        arm,
        "" if as_found is None else f"{100 * as_found:.1f}",
        f"**{statistics.median(on_val):.1f}**",
        f"{min(on_val):.1f} to {max(on_val):.1f}",
        f"{statistics.mean(held_out):.1f}" if held_out and chosen_by not in groups else "",
        ", ".join(told),
        str(len(on_val)),
        f"{costs[0]:,}",
        f"{costs[1]:,}",
        f"{costs[2]:,}",
        "" if found is None else str(found),
        "" if seconds is None else f"{seconds / 60:.1f}",
    ]
