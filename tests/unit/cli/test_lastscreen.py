"""The last screen: twelve lines at most, one board, nothing wider than a terminal but paths and commands."""

from pathlib import Path
from typing import Any

import pytest

from edge_nas.cli.columns import labelled
from edge_nas.cli.lastscreen import duration, lines, print_last_screen
from edge_nas.results.result import assemble

STAGES = ("train", "analyze", "prune", "quantize", "export", "compile", "verify", "benchmark", "deploy", "report")
SECONDS = dict.fromkeys(STAGES, 12.0)


def test_a_whole_build(sample_outputs: Any, tmp_path: Path) -> None:
    (tmp_path / "report.html").write_text("")
    shown = dict(lines(assemble("demo", sample_outputs.all(), SECONDS), tmp_path))
    assert shown["demo"] == "2 min 00 s, all gates met"
    assert shown["test mIoU"] == "0.870 int8; 0.900 trained, 0.600 mean mask"
    assert shown["network"] == "12,920 -> 3,900 params, 5.93 M -> 2.00 M MACs"
    assert shown["stm32l4r5"] == "fits: SRAM 20.2 of 640 KiB, flash 12.2 of 2,048 KiB"
    assert shown["time"].startswith("~27.1 ms per inference (an estimate, ±20 %")
    assert shown["proof"] == "every byte equal: C on 1,000 inputs here, on 10 on cortex-m4"
    assert shown["bundle"] == f"{tmp_path}/09_deploy/bundle"
    assert len(shown) <= 12
    for label, text in shown.items():
        if label not in ("report", "bundle", "test it"):
            assert all(len(line) <= 80 for line in labelled(label, text, width=12, columns=80).splitlines())


def test_all_texts_begin_in_one_column_but_the_name_s(
    sample_outputs: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    result = assemble("a_name_of_many_letters", sample_outputs.all(), SECONDS)
    scores = type(result.evaluation.int8)
    monkeypatch.setattr(scores, "headings", scores.headings | {"miou": "accuracy"})
    print_last_screen(result, tmp_path)
    name, *rows = capsys.readouterr().out.splitlines()
    assert name == "a_name_of_many_letters 2 min 00 s, all gates met"
    assert rows[0].startswith("test accuracy  0.870 int8")
    assert {row[14] for row in rows} == {" "}
    assert " " not in {row[15] for row in rows}


def test_a_part_of_the_stages(sample_outputs: Any, tmp_path: Path) -> None:
    (tmp_path / "result.json").write_text("")
    shown = dict(lines(assemble("demo", [sample_outputs.train], {"train": 3.25}), tmp_path))
    assert shown == {
        "demo": "3.2 s, up to train, all gates met so far",
        "test mIoU": "0.900 trained; 0.600 mean mask",
        "network": "12,920 params, 5.93 M MACs",
        "result": f"{tmp_path}/result.json",
    }


@pytest.mark.parametrize(("seconds", "text"), [(3.21, "3.2 s"), (120.0, "2 min 00 s"), (7384, "2 h 03 min")])
def test_durations(seconds: float, text: str) -> None:
    assert duration(seconds) == text
