"""What int8 costs, by the way it is made: rows of benchmarks/quantization.py."""

from collections.abc import Mapping, Sequence
from typing import Any

from benchmarks.lib.markdown import percent, spread, table

SCHEMES = {
    "ptq": "PTQ",
    "ptq_bias": "PTQ, biases corrected",
    "ptq_rounding": "PTQ, rounded against covariance",
    "ptq_both": "PTQ, both",
    "calibrated": "calibrated QAT, no epoch",
    "qat": "QAT",
}
"""Key in a row -> heading."""

Row = Mapping[str, Any]
"""One network: `config`, `network` and `seed` say which; mIoU on val, [0, 1], under `float` and under the keys of
SCHEMES that were measured."""

NETWORKS = ("trained", "pruned")


def quantization_table(rows: Sequence[Row]) -> str:
    """Returns float mIoU in per cent and the points that each scheme loses; a negative loss is a gain."""
    measured = [scheme for scheme in SCHEMES if any(scheme in row for row in rows)]
    lines = []
    # Parts of the work are done in any order.
    for config, network in sorted({(row["config"], row["network"]) for row in rows}, key=_place):
        seeds = [row for row in rows if (row["config"], row["network"]) == (config, network)]
        cells = [spread(percent(row["float"] for row in seeds), digits=2)]
        for scheme in measured:
            losses = percent(row["float"] - row[scheme] for row in seeds if scheme in row)
            cells.append(spread(losses, digits=2, sign="+") or "not measured")
        lines.append([config, network, str(len(seeds)), *cells])
    return table(["run", "network", "seeds", "float", *(SCHEMES[scheme] for scheme in measured)], lines)


def _place(case: tuple[str, str]) -> tuple[str, int]:
    config, network = case
    return config, NETWORKS.index(network)
