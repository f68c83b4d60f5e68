"""The tables at the end of a build."""

from typing import Any

import pytest

from edge_nas.cli.summary import print_summary
from edge_nas.results.result import assemble


def _rows(text: str) -> dict[str, list[str]]:
    cells = [[cell.strip() for cell in line.strip("│┃ ").replace("┃", "│").split("│")] for line in text.splitlines()]
    return {row[0]: row[1:] for row in cells if len(row) > 1}


def test_scores_stand_beside_the_baselines(sample_outputs: Any, capsys: pytest.CaptureFixture[str]) -> None:
    print_summary(assemble("demo", sample_outputs.all(), {}))
    text = capsys.readouterr().out
    rows = _rows(text)
    assert {name: rows[name][0] for name in ("all background", "mean mask", "repaired", "pruned", "int8")} == {
        "all background": "0.300",
        "mean mask": "0.600",
        "repaired": "0.800",
        "pruned": "0.880",
        "int8": "0.870",
    }
    assert rows["deployed"] == ["3,900", "2.00 M", "10.0 KiB", "48.0 KiB"]
    assert rows["litert"] == ["model.tflite", "1", "0.120", "0.150", "300"]


def test_what_is_not_there_is_not_shown(sample_outputs: Any, capsys: pytest.CaptureFixture[str]) -> None:
    print_summary(assemble("demo", [sample_outputs.train], {}))
    rows = _rows(capsys.readouterr().out)
    assert "int8" not in rows
    assert "latency" not in rows
    assert rows["trained"] == ["12,920", "5.93 M"]
