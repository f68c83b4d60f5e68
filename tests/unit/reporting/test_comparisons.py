"""Charts of before and after."""

import re

from edge_nas.reporting.charts import Chart
from edge_nas.reporting.comparisons import Pair, error_chart, rank_chart, score_chart, width_chart
from edge_nas.results.prune import GroupPlan


def _label(chart: Chart) -> str:
    found = re.search(r'aria-label="([^"]*)"', chart.svg)
    assert found
    return found[1]


def test_layers_that_pruning_took_away() -> None:
    rows = [Pair("stem", 2.0, 1.0, 4, 2), Pair("gone", 1.0, None, 4, None), Pair("new", None, 0.5, None, 2)]
    for chart in (rank_chart("r", rows, "rank"), score_chart("s", rows, "score")):
        assert _label(chart).endswith("stem 2.000 to 1.000, gone 1.000 to undefined, new undefined to 0.500")


def test_widths_and_errors() -> None:
    group = GroupPlan(name="stem", members=("stem",), readers=(), channels=16, kept=(1, 2), predicted_error=0.25)
    assert "16 → 2" in width_chart("w", [group], "channels").svg
    assert "25.00" in error_chart("e", [group], "error").svg
