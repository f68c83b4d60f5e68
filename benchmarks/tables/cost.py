"""What the penalty adds to a training step and the monitor to an epoch: files of decov_cost.py and monitor_cost.py."""

import statistics
from collections.abc import Mapping, Sequence
from typing import Any, TypedDict

from benchmarks.lib.markdown import table

Quartiles = Sequence[float]
"""First quartile, median, third quartile, in per cent."""
Seconds = Sequence[tuple[float, float]]
"""(wall, processor) seconds of each epoch."""


class PenaltyRow(TypedDict):
    """One variant of the penalty: milliseconds per training step, and the time that it adds to a step without one."""

    penalty: str
    ms: float
    wall_percent: Quartiles
    processor_percent: Quartiles


def penalty_table(rows: Sequence[PenaltyRow]) -> str:
    """Returns one line per variant."""
    headings = ["penalty", "ms per step, median", "more wall time (quartiles)", "more processor time (quartiles)"]
    lines = []
    for row in rows:
        more = [_quartiles(row["wall_percent"]), _quartiles(row["processor_percent"])]
        lines.append([row["penalty"], f"{row['ms']:.1f}", *more])
    return table(headings, lines)


def monitor_table(without: Seconds, watched: Seconds) -> str:
    """Returns what epochs take without and with the monitor; the first one, in which Keras compiles, stands apart."""
    lines = []
    for name, epochs in (("without", without), ("with the monitor", watched)):
        wall = statistics.median(epoch[0] for epoch in epochs[1:])
        processor = statistics.median(epoch[1] for epoch in epochs[1:])
        lines.append([name, f"{epochs[0][0]:.2f}", f"{wall:.3f}", f"{processor:.3f}"])
    return table(["", "first epoch, s", "later epochs, median s", "processor time, median s"], lines)


def overhead_table(penalty: Mapping[str, Any], monitor: Mapping[str, Any]) -> str:
    """Returns the processor time that the default penalty adds to a step, and a record of the monitor to an epoch.

    Args:
        penalty: network -> content of the file of decov_cost.py, whose variant "stride 1" is the default.
        monitor: network -> content of the file of monitor_cost.py, in the same order.
    """
    steps = []
    for result in penalty.values():
        (default,) = (row for row in result["rows"] if row["penalty"] == "stride 1")
        steps.append(_quartiles(default["processor_percent"]))
    epochs = [_quartiles(result["more_percent_quartiles"]["processor time"]) for result in monitor.values()]
    return table(
        ["more processor time (quartiles)", *penalty],
        [["the default penalty, per training step", *steps], ["the monitor's record, per epoch", *epochs]],
    )


def _quartiles(percent: Quartiles) -> str:
    low, middle, high = percent
    return f"{middle:+.1f} % ({low:+.1f} to {high:+.1f})"
