"""How far predicted costs are from counted ones: results/costs.json."""

from collections.abc import Sequence

from benchmarks.lib.costs import Errors
from benchmarks.lib.markdown import table


def costs_table(rows: Sequence[Errors]) -> str:
    """Returns one line per core."""
    headings = ["core", "networks", "not known", "instructions", "flash", "plain MACs", "instructions per MAC"]
    return table(headings, [_line(row) for row in rows])


def _line(row: Errors) -> list[str]:
    return [
        row["core"],
        str(row["networks"]),
        str(row["unknown"]),
        f"{row['median']:.2f} %, worst {row['worst']:.1f} %",
        f"{row['flash_median']:.2f} %, worst {row['flash_worst']:.1f} %",
        f"{row['macs_median']:.0f} %, worst {row['macs_worst']:.0f} %",
        f"{row['per_mac']:.2f}",
    ]
