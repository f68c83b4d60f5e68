"""Charts as SVG inside a page."""

import logging
import re
import warnings
from typing import Any
from xml.etree import ElementTree

import matplotlib as mpl
import pytest

from edge_nas.reporting.figure import COLOURS, chart

HOSTILE = "<script>&$x_1$ \"'"


def _paint(axes: Any) -> None:
    axes.plot([1, 2, 3], [1, 4, 2], color=COLOURS["blue"], marker="o")
    axes.set_xlabel(HOSTILE)


def _parsed(svg: str) -> ElementTree.Element:
    return ElementTree.fromstring(svg.replace("<svg", '<svg xmlns:xlink="x"', 1))


def test_an_element_for_a_page() -> None:
    svg = str(chart("curve", 100, HOSTILE, _paint))
    root = _parsed(svg)
    assert root.get("role") == "img"
    assert root.get("aria-label") == HOSTILE
    assert root.get("viewBox") == "0 0 264 100"
    # Text stays text, and a name is neither markup nor a formula.
    assert HOSTILE in [text.text for text in root.iter("text")]
    assert "http" not in svg


def test_colours_are_the_style_sheets() -> None:
    svg = str(chart("curve", 100, "", _paint))
    assert "stroke: var(--blue)" in svg
    assert re.findall(r"#[0-9a-f]{6}\b", svg) == []


def test_ids_are_the_charts_own() -> None:
    svg = str(chart("curve", 100, "", _paint))
    ids = re.findall(r'\bid="([^"]+)"', svg)
    used = re.findall(r'url\(#([^)]+)\)|href="#([^"]+)"', svg)
    assert ids
    assert used
    assert len(ids) == len(set(ids))
    assert all(name.startswith("curve-") for name in ids)
    assert {first or second for first, second in used} <= set(ids)


def test_the_same_bytes_whatever_the_users_settings() -> None:
    before = chart("curve", 100, "", _paint)
    with mpl.rc_context({"font.size": 20, "axes.facecolor": "red", "svg.fonttype": "path", "svg.hashsalt": "other"}):
        assert chart("curve", 100, "", _paint) == before
        assert mpl.rcParams["font.size"] == 20


def test_letters_that_matplotlibs_font_lacks() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        svg = str(chart("curve", 100, "", lambda axes: axes.set_xlabel("日本")))
    assert "日本" in svg


def test_nothing_on_standard_error(capfd: pytest.CaptureFixture[str]) -> None:
    logger = logging.getLogger("matplotlib")
    level = logger.level
    chart("curve", 100, "", lambda axes: logging.getLogger("matplotlib.font_manager").warning("building the cache"))
    assert capfd.readouterr().err == ""
    assert logger.level == level
