"""The charts of the report."""

import re
from typing import Any

import pytest

from edge_nas.reporting import plots
from edge_nas.reporting.plots import Bar, Chart, Pair
from edge_nas.results.benchmark import BenchmarkReport
from edge_nas.results.prune import GroupPlan
from edge_nas.results.train import EpochRecord

MIOU = ("miou", "mIoU")


def _label(chart: Chart) -> str:
    found = re.search(r'aria-label="([^"]*)"', chart.svg)
    assert found
    return found[1]


def _records(*values: dict[str, float]) -> list[EpochRecord]:
    return [EpochRecord(epoch=i, learning_rate=0.1, values=value) for i, value in enumerate(values, 1)]


def test_training_curves() -> None:
    first = {"loss": 0.5, "cross_entropy": 0.4, "decov": 0.1, "miou": 0.3, "val_cross_entropy": 0.6, "val_miou": 0.2}
    last = {name: value / 2 for name, value in first.items()}
    loss, miou, penalty = plots.training_charts("t", _records(first, last), "head_relu", MIOU)
    assert loss.keys == (("ink", "loss"), ("blue", "cross-entropy"), ("orange", "cross-entropy on val"))
    assert "loss from 0.5 to 0.25" in _label(loss)
    assert "val from 0.2 to 0.1" in _label(miou)
    assert "head_relu" in penalty.caption
    assert "DeCov from 0.1 to 0.05" in _label(penalty)


def test_no_penalty_no_chart_of_it() -> None:
    assert len(plots.training_charts("t", _records({"loss": 0.5, "miou": 0.1, "val_miou": 0.1}), "head", MIOU)) == 2


@pytest.mark.parametrize(("epochs", "dots"), [(1, True), (60, False)])
def test_one_epoch_is_a_dot(epochs: int, dots: bool) -> None:
    loss = plots.training_charts("t", _records(*[{"loss": 0.5, "miou": 0.5}] * epochs), "head", MIOU)[0]
    assert ("<use" in loss.svg) is dots
    # Epochs are whole numbers, however few there are.
    assert re.findall(r">(\d+\.\d*)</text>", loss.svg.partition("axis_2")[0]) == []


def test_bars_grow_from_zero_and_carry_their_text() -> None:
    bars = [Bar("keras", 4.0, "4 ms", spread=(3.0, 6.0)), Bar("a\nlitert", 1.0, "1 ms", "teal")]
    chart = plots.bar_chart("b", bars, "latency")
    assert _label(chart) == "latency: keras 4 ms, a litert 1 ms"
    widths = {colour: _width(chart.svg, colour) for colour in ("blue", "teal")}
    assert widths["blue"] == pytest.approx(4 * widths["teal"], rel=1e-4)


def test_bars_of_nothing() -> None:
    assert "0.000" in plots.bar_chart("b", [Bar("none", 0.0, "0.000")], "scores").svg


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
    assert _label(plots.latency_chart("l", reports, "p50")) == "p50: a.npz keras 2.00\N{NO-BREAK SPACE}ms"


def test_layers_that_pruning_took_away() -> None:
    rows = [Pair("stem", 2.0, 1.0, 4, 2), Pair("gone", 1.0, None, 4, None), Pair("new", None, 0.5, None, 2)]
    for chart in (plots.rank_chart("r", rows, "rank"), plots.score_chart("s", rows, "score")):
        assert _label(chart).endswith("stem 2.000 to 1.000, gone 1.000 to undefined, new undefined to 0.500")


def test_widths_and_errors() -> None:
    group = GroupPlan(name="stem", members=("stem",), readers=(), channels=16, kept=(1, 2), predicted_error=0.25)
    assert "16 → 2" in plots.width_chart("w", [group], "channels").svg
    assert "25.00" in plots.error_chart("e", [group], "error").svg


def _width(svg: str, colour: str) -> float:
    """Returns the horizontal extent of the bar filled with a colour."""
    found = re.search(rf'<path d="([^"]*)"[^>]*style="fill: var\(--{colour}\)', svg)
    assert found
    places = [float(x) for x in re.findall(r"[ML] (\S+) ", found[1])]
    return max(places) - min(places)
