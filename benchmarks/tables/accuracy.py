"""Accuracy over seeds and held-out groups, beside what no network is needed for: rows of benchmarks/accuracy.py."""

import statistics
from collections.abc import Sequence
from typing import TypedDict

from benchmarks.lib.markdown import percent, spread, table

VARIANTS = ("unpruned", "pruned", "scratch", "scratch, long")
"""In the order of the table."""
_HEADINGS = (
    *("network", "validation", "trained", "repaired", "fine-tuned", "**int8**"),
    *("mean mask", "empty", "params", "MACs"),
)


class Row(TypedDict):
    """One network of one build. Scores are mIoU in [0, 1]; `pruned` is the network after fine-tuning.

    Attributes:
        variant: one of VARIANTS.
        seed: of the build.
        held_out: the group of images that was validated on; None: the split that is reported.
        split: that the scores are of, test where the data has one.
        trained, repaired, pruned, int8: scores along the line; equal up to int8 where nothing was pruned.
        mean_mask, all_background: scores of the trivial baselines.
        params, macs: of the shipped network.
        seconds: of all stages together.
    """

    variant: str
    seed: int
    held_out: str | None
    split: str
    trained: float
    repaired: float
    pruned: float
    int8: float
    mean_mask: float
    all_background: float
    params: int
    macs: int
    seconds: float


def accuracy_table(rows: Sequence[Row]) -> str:
    """Returns one line per network and validation; groups that were held out get a line for their mean as well."""
    validations = list(dict.fromkeys(row["held_out"] for row in rows))
    lines = []
    for variant in VARIANTS:
        of_variant = [row for row in rows if row["variant"] == variant]
        for held_out in validations:
            chosen = [row for row in of_variant if row["held_out"] == held_out]
            if chosen:
                lines.append(_line(variant, f"{held_out} held out" if held_out else chosen[0]["split"], chosen))
        grouped = [row for row in of_variant if row["held_out"]]
        if grouped:
            lines.append(_line(variant, "mean over groups", _group_means(grouped)))
    return table(_HEADINGS, lines)


def _group_means(rows: Sequence[Row]) -> list[Row]:
    """Returns one row per seed, with the means of all scores over the groups that were held out."""
    means = []
    for seed in sorted({row["seed"] for row in rows}):
        of_seed = [row for row in rows if row["seed"] == seed]
        mean = of_seed[0].copy()
        for key in ("trained", "repaired", "pruned", "int8", "mean_mask", "all_background"):
            mean[key] = statistics.fmean(row[key] for row in of_seed)
        means.append(mean)
    return means


def _line(variant: str, validation: str, rows: Sequence[Row]) -> list[str]:
    first = rows[0]
    float_scores = [spread(percent(row[key] for row in rows), digits=1) for key in ("trained", "repaired", "pruned")]
    return [
        variant,
        validation,
        *float_scores,
        f"**{spread(percent(row['int8'] for row in rows), digits=1)}**",
        f"{100 * first['mean_mask']:.1f}",
        f"{100 * first['all_background']:.1f}",
        f"{first['params']:,}",
        f"{first['macs'] / 1e6:.2f} M",
    ]
