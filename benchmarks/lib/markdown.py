"""Markdown tables, and how a cell tells several runs: the median, with the lowest and the highest behind it."""

import statistics
from collections.abc import Iterable, Sequence


def table(headings: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Returns a table without a newline at its end.

    Raises:
        ValueError: a row has not as many cells as there are headings.
    """
    lines = [_line(headings), "|" + "---|" * len(headings)]
    for row in rows:
        if len(row) != len(headings):
            raise ValueError(f"{len(row)} cells under {len(headings)} headings: {row}")
        lines.append(_line(row))
    return "\n".join(lines)


def _line(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"


def spread(values: Sequence[float], digits: int, sign: str = "") -> str:
    """Returns "median (lowest to highest)"; the value alone where there is one, nothing where there is none.

    Args:
        values: in the unit that is to be shown.
        digits: behind the decimal point.
        sign: "+" to show that of positive numbers as well.
    """
    if not values:
        return ""
    middle = f"{statistics.median(values):{sign}.{digits}f}"
    if len(values) == 1:
        return middle
    return f"{middle} ({min(values):{sign}.{digits}f} to {max(values):{sign}.{digits}f})"


def percent(shares: Iterable[float]) -> list[float]:
    """Returns shares in [0, 1] as per cent."""
    return [100 * share for share in shares]
