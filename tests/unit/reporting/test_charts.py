"""Bars."""

import re
from typing import Any

import pytest

from edge_nas.reporting.charts import Bar, Chart, bar_chart, latency_chart
from edge_nas.results.benchmark import BenchmarkReport


def _label(chart: Chart) -> str:
    found = re.search(r'aria-label="([^"]*)"', chart.svg)
    assert found
    return found[1]


def test_bars_grow_from_zero_and_carry_their_text() -> None:
    bars = [Bar("keras", 4.0, "4 ms", spread=(3.0, 6.0)), Bar("a\nlitert", 1.0, "1 ms", "teal")]
    chart = bar_chart("b", bars, "latency")
    assert _label(chart) == "latency: keras 4 ms, a litert 1 ms"
    widths = {colour: _width(chart.svg, colour) for colour in ("blue", "teal")}
    assert widths["blue"] == pytest.approx(4 * widths["teal"], rel=1e-4)


def test_bars_of_nothing() -> None:
    assert "0.000" in bar_chart("b", [Bar("none", 0.0, "0.000")], "scores").svg


def test_latencies() -> None:
    facts: dict[str, Any] = {
        "threads": 1,
        "runs": 9,
        "runtime_version": "1",
        "min_ms": 1.0,
        "p50_ms": 2.0,
        "p90_ms": 3.0,
    }
    reports = [BenchmarkReport(runtime="keras", model="a.npz", **facts)]
    assert _label(latency_chart("l", reports, "p50")) == "p50: a.npz keras 2.00\N{NO-BREAK SPACE}ms"


def _width(svg: str, colour: str) -> float:
    """Returns the horizontal extent of the bar filled with a colour."""
    found = re.search(rf'<path d="([^"]*)"[^>]*style="fill: var\(--{colour}\)', svg)
    assert found
    places = [float(x) for x in re.findall(r"[ML] (\S+) ", found[1])]
    return max(places) - min(places)
