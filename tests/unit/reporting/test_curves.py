"""Curves over epochs."""

import re

import pytest

from edge_nas.reporting.charts import Chart
from edge_nas.reporting.curves import training_charts
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
    loss, miou, penalty = training_charts("t", _records(first, last), "head_relu", MIOU)
    assert loss.keys == (("ink", "loss"), ("blue", "cross-entropy"), ("orange", "cross-entropy on val"))
    assert "loss from 0.5 to 0.25" in _label(loss)
    assert "val from 0.2 to 0.1" in _label(miou)
    assert "head_relu" in penalty.caption
    assert "DeCov from 0.1 to 0.05" in _label(penalty)


def test_no_penalty_no_chart_of_it() -> None:
    assert len(training_charts("t", _records({"loss": 0.5, "miou": 0.1, "val_miou": 0.1}), "head", MIOU)) == 2


@pytest.mark.parametrize(("epochs", "dots"), [(1, True), (60, False)])
def test_one_epoch_is_a_dot(epochs: int, dots: bool) -> None:
    loss = training_charts("t", _records(*[{"loss": 0.5, "miou": 0.5}] * epochs), "head", MIOU)[0]
    assert ("<use" in loss.svg) is dots
    # Epochs are whole numbers, however few there are.
    assert re.findall(r">(\d+\.\d*)</text>", loss.svg.partition("axis_2")[0]) == []
