"""Figures as text, the same in the terminal and in the report."""


def score(value: float | None) -> str:
    """Returns a score in [0, 1] with three digits; "undefined" where the class is in neither truth nor prediction."""
    return "undefined" if value is None else f"{value:.3f}"


def count(value: int) -> str:
    """Returns a large count with three or four digits: 5.93 M, 31.2 k, 870."""
    if value >= 1_000_000:
        return f"{value / 1e6:.2f} M"
    return f"{value / 1e3:.1f} k" if value >= 10_000 else str(value)


def kibibytes(value: int) -> str:
    """Returns bytes as KiB (1024) with one digit."""
    return f"{value / 1024:,.1f} KiB"


def estimate_error(percent: float | None) -> str:
    """Returns how far an estimated time may be off, by published measurements; that there are none is said as well."""
    return "error unknown" if percent is None else short_error(percent)


def short_error(percent: float | None) -> str:
    """Returns the same for a cell of a table, as `±20 %` or `±?`."""
    return "±?" if percent is None else f"±{percent:g} %"
