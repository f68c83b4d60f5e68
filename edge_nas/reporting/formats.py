"""Figures as text for people: one way for each kind, units and signs included.

A number and its unit are held together by a no-break space; a negative number has a minus sign, not a hyphen.
"""

from edge_nas.core import formats

NOTHING = "\N{EN DASH}"
_SPACE = "\N{NO-BREAK SPACE}"
_MINUS = "\N{MINUS SIGN}"

score = formats.score
estimate_error = formats.estimate_error


def points(difference: float | None) -> str:
    """Returns the difference of two scores in points of a hundred, always signed: +25.7, −0.1, ±0.0."""
    if difference is None:
        return "undefined"
    text = f"{100 * abs(difference):.1f}"
    return f"±{text}" if float(text) == 0 else f"{'+' if difference > 0 else _MINUS}{text}"


def against(difference: float | None, other: str) -> str:
    """Returns how one score stands to another: 25.7 points above the mean mask."""
    if difference is None:
        return f"cannot be compared with {other}"
    distance = f"{100 * abs(difference):.1f}"
    if float(distance) == 0:
        return f"level with {other}"
    return f"{distance} points {'above' if difference > 0 else 'below'} {other}"


def integer(value: int) -> str:
    """Returns a count with its thousands apart: 12,920."""
    return f"{value:,}"


def count(value: int) -> str:
    """Returns a large count with three or four digits: 5.93 M, 31.2 k, 870."""
    return formats.count(value).replace(" ", _SPACE)


def kibibytes(value: int | None) -> str:
    """Returns bytes as KiB (1024) with one digit."""
    return NOTHING if value is None else formats.kibibytes(value).replace(" ", _SPACE)


def gibibytes(value: int) -> str:
    """Returns bytes as GiB (1024³) with one digit."""
    return f"{value / 1024**3:,.1f}{_SPACE}GiB"


def change(before: int, after: int) -> str:
    """Returns what became of a count, in per cent: −67 %, +3 %, unchanged."""
    if before == after:
        return "unchanged"
    if before == 0:
        return NOTHING
    percent = 100 * (after / before - 1)
    return f"{'+' if percent > 0 else _MINUS}{abs(percent):.0f}{_SPACE}%"


def share(value: float) -> str:
    """Returns a share in [0, 1] in per cent with two digits; never 100 or 0 for what is only close to it."""
    text = f"{100 * value:.2f}"
    if text == "100.00" and value < 1:
        return f">{_SPACE}99.99{_SPACE}%"
    if text == "0.00" and value > 0:
        return f"<{_SPACE}0.01{_SPACE}%"
    return f"{text}{_SPACE}%"


def plain(value: float) -> str:
    """Returns a non-negative number with three digits that count, in powers of ten below 0.001: 7, 0.575, 7.5e−7."""
    if value == 0:
        return "0"
    if value < 1e-3:
        mantissa, exponent = f"{value:.1e}".split("e")
        return f"{mantissa}e{_MINUS}{abs(int(exponent))}"
    return f"{value:.3g}" if value < 1000 else f"{value:,.0f}"


def milliseconds(value: float) -> str:
    """Returns a time in ms with three digits that count: 0.345 ms, 30.5 ms."""
    digits = 3 if value < 1 else 2 if value < 10 else 1 if value < 100 else 0
    return f"{value:,.{digits}f}{_SPACE}ms"


def seconds(value: float) -> str:
    """Returns a time in s with one digit."""
    return f"{value:,.1f}{_SPACE}s"


def shortened(name: str, length: int = 24) -> str:
    """Returns a name for a chart, of at most `length` characters: the middle of a longer one is left out."""
    shown = name.encode("utf-8", "backslashreplace").decode("utf-8")
    if len(shown) <= length:
        return shown
    head = (length - 1) // 2
    return f"{shown[:head]}…{shown[head + 1 - length :]}"


FILTERS = {
    function.__name__: function
    for function in (
        *(score, points, integer, count, kibibytes, gibibytes, change, share, plain, milliseconds, seconds),
        estimate_error,
    )
}
"""The functions above as the templates' filters."""
