"""The U-Net pruned without training, by ratio, by criterion and under a budget: rows of benchmarks/pruning.py."""

from collections.abc import Sequence
from typing import Any, TypedDict

from benchmarks.lib.markdown import table


class Row(TypedDict):
    """One removal.

    Attributes:
        what: in words, such as "50.0% of every group" or "10.0% of the MACs".
        criterion: that chose the channels.
        prune: the settings, as plain data.
        cut, repaired: mIoU on val, [0, 1], before and after the repair.
        params: that are left.
        macs_share: of the multiply-accumulates that are left, [0, 1].
        seconds, cpu_seconds: of choice, search and repair.
    """

    what: str
    criterion: str
    prune: dict[str, Any]
    cut: float
    repaired: float
    params: int
    macs_share: float
    seconds: float
    cpu_seconds: float


def printed_headings() -> str:
    """Returns the head of the table that benchmarks/pruning.py prints row by row."""
    headings = ("criterion", "removed", "cut, not repaired", "repaired", "params", "share of MACs", "seconds")
    return table([*headings, "CPU seconds"], [])


def printed_line(row: Row) -> str:
    """Returns everything that was measured of one removal as a line of that table."""
    return (
        f"| {row['criterion']} | {row['what']} | {100 * row['cut']:.2f} | {_bold(row['repaired'])} "
        f"| {row['params']:,} | {row['macs_share']:.1%} | {row['seconds']:.0f} | {row['cpu_seconds']:.0f} |"
    )


def ratio_table(rows: Sequence[Row]) -> str:
    """Returns what repaired networks keep, by ratio."""
    return table(
        ["criterion", "removed of every group", "repaired", "params", "share of MACs"],
        [
            [row["criterion"], _removed(row), _bold(row["repaired"]), f"{row['params']:,}", f"{row['macs_share']:.1%}"]
            for row in rows
        ],
    )


def criteria_table(rows: Sequence[Row]) -> str:
    """Returns cut and repaired networks side by side, by criterion: ours first, the best at the largest ratio first."""
    ratios = sorted({row["prune"]["ratio"] for row in rows})
    by_case = {(row["criterion"], row["prune"]["ratio"]): row for row in rows}
    criteria = list(dict.fromkeys(row["criterion"] for row in rows))
    criteria.sort(key=lambda name: (name.startswith("Torch-Pruning"), -by_case[name, ratios[-1]]["repaired"]))
    lines = []
    for criterion in criteria:
        line = [f"{criterion} (looks at the labels)" if criterion.endswith("taylor") else criterion]
        for ratio in ratios:
            row = by_case[criterion, ratio]
            line += [f"{100 * row['cut']:.1f}", _bold(row["repaired"])]
        lines.append(line)
    headings = [f"{100 * ratio:.0f} % {state}" for ratio in ratios for state in ("cut", "repaired")]
    return table(["criterion", *headings], lines)


def budget_table(rows: Sequence[Row]) -> str:
    """Returns widths that were searched under a budget of MACs, each before the uniform widths that meet it."""
    lines = []
    for row in rows:
        budget = row["prune"]["budget"]
        if budget is not None:
            what, repaired = f"{100 * budget['macs']:.0f} % of the MACs stay", _bold(row["repaired"])
        else:
            what, repaired = f"uniform, {row['what']}", f"{100 * row['repaired']:.2f}"
        lines.append([what, repaired, f"{row['params']:,}", f"{row['macs_share']:.1%}", f"{row['seconds']:.0f}"])
    return table(["removed", "repaired", "params", "share of MACs", "seconds"], lines)


def _removed(row: Row) -> str:
    return row["what"].removesuffix(" of every group")


def _bold(share: float) -> str:
    return f"**{100 * share:.2f}**"
