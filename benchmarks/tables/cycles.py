"""Cycles: predicted ones beside those of every executed instruction, and the published rows that factors are from."""

from collections.abc import Mapping, Sequence

from benchmarks.lib.markdown import table
from benchmarks.lib.paces import PaceErrors
from benchmarks.tables.published import (
    CMSIS_NN_ON_M4,
    CMSIS_NN_ON_M33,
    CUBE_ON_M4,
    CUBE_ON_M7,
    PublishedRows,
    fit_of,
    ratio_of,
)


def paces_table(rows: Sequence[PaceErrors]) -> str:
    """Returns one line per core."""
    headings = ["core", "networks", "cycles per instruction", "predicted cycles", "one factor", "bytes from flash"]
    return table(headings, [_line(row) for row in rows])


def _line(row: PaceErrors) -> list[str]:
    return [
        row["core"],
        str(row["networks"]),
        f"{row['lowest']:.2f} to {row['highest']:.2f}",
        f"{row['cycles_median']:.1f} %, worst {row['cycles_worst']:.1f} %",
        f"{row['one_median']:.1f} %, worst {row['one_worst']:.1f} %",
        f"{row['reads_median']:.1f} %, worst {row['reads_worst']:.1f} %",
    ]


def published_table() -> str:
    """Returns a line for each published row, with what the fit says of it."""
    headings = ["engine", "chip", "network", "million cycles", "fitted", "from the other rows"]
    lines = []
    for rows in (CMSIS_NN_ON_M4, CMSIS_NN_ON_M33):
        fit = fit_of(rows)
        lines += [
            _published(rows, name, _signed(fit.errors, name), _signed(fit.left_out, name)) for name in rows.cycles
        ]
    ratio = ratio_of(CUBE_ON_M7, CUBE_ON_M4)
    lines += [_published(CUBE_ON_M4, name, "", "") for name in CUBE_ON_M4.cycles]
    lines += [
        _published(CUBE_ON_M7, name, f"{share:.3f} of the Cortex-M4's", "") for name, share in ratio.by_network.items()
    ]
    return table(headings, lines)


def _published(rows: PublishedRows, network: str, fitted: str, left_out: str) -> list[str]:
    return [rows.engine, rows.chip, network, f"{rows.cycles[network] / 1e6:.3f}", fitted, left_out]


def _signed(errors: Mapping[str, float], network: str) -> str:
    return f"{100 * errors[network]:+.1f} %"
