"""How far the runtimes agree with the reference kernels: the comparisons that builds write into result.json."""

import statistics
from collections.abc import Sequence
from typing import TypedDict

from benchmarks.lib.markdown import table


class Row(TypedDict):
    """One comparison of one build, a ParityReport as plain data; shares and mIoU in [0, 1], differences in `unit`."""

    reference: str
    candidate: str
    inputs: int
    exact_share: float
    within_one_share: float
    max_abs: float
    mean_abs: float
    unit: str
    mask_agreement: float
    miou: float


def parity_table(runs: Sequence[Sequence[Row]]) -> str:
    """Returns one line per comparison over all runs of one configuration.

    Shares are the lowest over the runs, the largest difference the largest, mean difference and mIoU the median.
    """
    rows: dict[tuple[str, str], list[Row]] = {}
    for run in runs:
        for row in run:
            rows.setdefault((row["reference"], row["candidate"]), []).append(row)
    headings = ["runtime", "against", "equal", "within one step", "furthest", "mean", "same class", "mIoU"]
    return table(headings, [_line(*pair, over_runs) for pair, over_runs in rows.items()])


def _line(reference: str, candidate: str, rows: Sequence[Row]) -> list[str]:
    furthest = max(row["max_abs"] for row in rows)
    mean = statistics.median(row["mean_abs"] for row in rows)
    # Codes of int8 are counted in steps, logits as they are.
    differences = [f"{furthest:.0f}", f"{mean:.2f}"] if rows[0]["unit"] == "lsb" else [f"{furthest:.1e}", f"{mean:.1e}"]
    return [
        candidate,
        reference,
        f"{min(row['exact_share'] for row in rows):.2%}",
        f"{min(row['within_one_share'] for row in rows):.2%}",
        *differences,
        f"{min(row['mask_agreement'] for row in rows):.2%}",
        f"{100 * statistics.median(row['miou'] for row in rows):.2f}",
    ]
