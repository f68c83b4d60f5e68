"""What the DeCov penalty does to features, to mIoU and to what pruning costs: rows of benchmarks/decov_ablation.py."""

import statistics
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from benchmarks.lib.markdown import percent, spread, table

RATIOS = (0.5, 0.75)
"""Shares of the channels that are removed."""
NETWORKS = {"cut": "cut", "repaired": "repaired", "tuned": "fine-tuned"}
"""What is measured after a removal: key in a row -> heading."""

Row = Mapping[str, Any]
"""One training. `place` ("output" or "blocks"), `weight` and `seed` say which; mIoU in [0, 1] under `miou` and under
`cut_0.5`, `repaired_0.5`, `tuned_0.5` and so on; `rank` and `mean_correlation` are those of the output features."""


def decov_table(rows: Sequence[Row]) -> str:
    """Returns one line per place and weight, each cell a spread over the seeds."""
    headings = ["place", "weight", "mIoU", "effective rank", "mean abs. correlation", *_headings(NETWORKS)]
    lines = []
    for place, weight, of_case in _cases(rows):
        features = [
            spread([row["rank"] for row in of_case], digits=1),
            spread([row["mean_correlation"] for row in of_case], digits=2),
        ]
        miou, *removed = (spread(percent(row[key] for row in of_case), digits=1) for key in _keys(NETWORKS))
        lines.append([place if weight else "-", f"{weight:g}", miou, *features, *removed])
    return table(headings, lines)


def decov_differences(rows: Sequence[Row]) -> str:
    """Returns points of mIoU above the network without penalty of the same seed.

    Means over the seeds, the standard error of the mean behind ±: two of those are what chance alone does now and then.
    """
    # A network that was cut and not repaired is destroyed with and without the penalty.
    networks = {key: heading for key, heading in NETWORKS.items() if key != "cut"}
    without = {row["seed"]: row for row in rows if row["weight"] == 0}
    lines = []
    for place, weight, of_case in _cases([row for row in rows if row["weight"] > 0]):
        cells = [_gain([100 * (row[key] - without[row["seed"]][key]) for row in of_case]) for key in _keys(networks)]
        lines.append([place, f"{weight:g}", *cells])
    return table(["place", "weight", "mIoU", *_headings(networks)], lines)


def _cases(rows: Sequence[Row]) -> Iterator[tuple[str, float, list[Row]]]:
    """Yields place, weight and the rows of all seeds, in the order in which they come first."""
    for place, weight in dict.fromkeys((row["place"], row["weight"]) for row in rows):
        yield place, weight, [row for row in rows if (row["place"], row["weight"]) == (place, weight)]


def _keys(networks: Mapping[str, str]) -> list[str]:
    return ["miou", *(f"{network}_{ratio}" for ratio in RATIOS for network in networks)]


def _headings(networks: Mapping[str, str]) -> list[str]:
    return [f"{heading}, {ratio:.0%} off" for ratio in RATIOS for heading in networks.values()]


def _gain(points: Sequence[float]) -> str:
    error = statistics.stdev(points) / len(points) ** 0.5 if len(points) > 1 else float("nan")
    return f"{statistics.mean(points):+.1f} ± {error:.1f}"
