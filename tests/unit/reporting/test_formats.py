"""Figures as text."""

from collections.abc import Callable
from typing import Any

import pytest

from edge_nas.reporting import formats

SPACE, MINUS = "\N{NO-BREAK SPACE}", "\N{MINUS SIGN}"


@pytest.mark.parametrize(
    ("function", "value", "text"),
    [
        (formats.score, 0.8364, "0.836"),
        (formats.score, None, "undefined"),
        (formats.points, 0.2571, "+25.7"),
        (formats.points, -0.0123, f"{MINUS}1.2"),
        (formats.points, -0.0004, "±0.0"),
        (formats.points, None, "undefined"),
        (formats.integer, 12920, "12,920"),
        (formats.count, 5_928_960, f"5.93{SPACE}M"),
        (formats.count, 31_234, f"31.2{SPACE}k"),
        (formats.count, 870, "870"),
        (formats.kibibytes, 21_912, f"21.4{SPACE}KiB"),
        (formats.kibibytes, None, "\N{EN DASH}"),
        (formats.gibibytes, 25_276_510_208, f"23.5{SPACE}GiB"),
        (formats.share, 0.5, f"50.00{SPACE}%"),
        (formats.share, 1.0, f"100.00{SPACE}%"),
        (formats.share, 0.999999, f">{SPACE}99.99{SPACE}%"),
        (formats.share, 0.0, f"0.00{SPACE}%"),
        (formats.share, 0.000001, f"<{SPACE}0.01{SPACE}%"),
        (formats.plain, 0.0, "0"),
        (formats.plain, 7.0, "7"),
        (formats.plain, 0.57530, "0.575"),
        (formats.plain, 7.527e-7, f"7.5e{MINUS}7"),
        (formats.plain, 12_345.6, "12,346"),
        (formats.milliseconds, 0.345015, f"0.345{SPACE}ms"),
        (formats.milliseconds, 3.45015, f"3.45{SPACE}ms"),
        (formats.milliseconds, 30.515, f"30.5{SPACE}ms"),
        (formats.milliseconds, 1234.5, f"1,234{SPACE}ms"),
        (formats.seconds, 187.403, f"187.4{SPACE}s"),
    ],
)
def test_one_value(function: Callable[[Any], str], value: object, text: str) -> None:
    assert function(value) == text


@pytest.mark.parametrize(
    ("before", "after", "text"),
    [(300, 100, f"{MINUS}67{SPACE}%"), (100, 103, f"+3{SPACE}%"), (5, 5, "unchanged"), (0, 5, "\N{EN DASH}")],
)
def test_a_change(before: int, after: int, text: str) -> None:
    assert formats.change(before, after) == text


@pytest.mark.parametrize(
    ("difference", "text"),
    [
        (0.257, "25.7 points above the floor"),
        (-0.031, "3.1 points below the floor"),
        (0.0001, "level with the floor"),
        (None, "cannot be compared with the floor"),
    ],
)
def test_one_score_against_another(difference: float | None, text: str) -> None:
    assert formats.against(difference, "the floor") == text


def test_names_for_charts() -> None:
    assert formats.shortened("encoder_0_depthwise") == "encoder_0_depthwise"
    long = formats.shortened("a" * 20 + "z" * 20)
    assert long == "a" * 11 + "…" + "z" * 12
    # A byte of a file name that is no UTF-8 is a lone surrogate in Python, which no font and no file can hold.
    assert formats.shortened("a\udcff") == "a\\udcff"
