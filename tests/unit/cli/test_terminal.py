"""Bars on a terminal, lines in a log, silence when asked for."""

import io
from typing import Any

import pytest
from rich.console import Console

from edge_nas.cli import terminal
from edge_nas.cli.outcome import Outcome
from edge_nas.cli.terminal import Bar, Lines, Nothing, Terminal
from edge_nas.results.result import Result


def test_lines_come_when_other_work_begins_and_every_ten_seconds(monkeypatch: pytest.MonkeyPatch) -> None:
    now = [100.0]
    monkeypatch.setattr(terminal, "monotonic", lambda: now[0])
    stream = io.StringIO()
    lines = Lines(Console(file=stream, width=40))
    lines.start("[1/7] train")
    for epoch in range(1, 6):
        now[0] += 4.0
        lines.tick(f"loss {1 / epoch:.3f}, mIoU on val 0.{epoch}", epoch, 5)
    lines.tick("loss 0.9, the next network", 1, 5)
    lines.tick("judging", 0, 0)
    lines.stop()
    assert stream.getvalue().splitlines() == [
        "[1/7] train",
        "[1/7] train: loss 1.000, mIoU on val 0.1 1/5",
        "[1/7] train: loss 0.250, mIoU on val 0.4 4/5",
        "[1/7] train: loss 0.9, the next network 1/5",
        "[1/7] train: judging",
    ]


def test_the_time_left_is_of_the_present_work(monkeypatch: pytest.MonkeyPatch) -> None:
    bar = Bar(Console(file=io.StringIO(), force_terminal=True, width=120))
    bar.start("[1/7] train")
    progress = bar._progress
    assert progress is not None
    resets: list[Any] = []
    reset = progress.reset

    def noted(task: Any, **given: Any) -> None:
        resets.append(given["total"])
        reset(task, **given)

    monkeypatch.setattr(progress, "reset", noted)
    for what, done, total in (("loss 0.5", 3, 8), ("loss 0.4", 4, 8), ("loss 0.9", 1, 8), ("judging", 1, 0)):
        bar.tick(what, done, total)
    bar.stop()
    # The second step is the same work further on; the third began anew, the fourth has another length.
    assert resets == [8, 8, None]


def test_a_bar_names_the_work_and_what_is_over() -> None:
    stream = io.StringIO()
    bar = Bar(Console(file=stream, force_terminal=True, width=120))
    bar.start("[1/7] train")
    bar.tick("fitting", 3, 8)
    bar.stop()
    text = stream.getvalue()
    assert "[1/7] train: fitting" in text
    assert "3/8" in text
    bar.tick("too late", 1, 2)
    bar.stop()
    assert "too late" not in stream.getvalue()


def test_quiet_and_pipes_and_terminals() -> None:
    plain = Console(file=io.StringIO())
    bars = Console(file=io.StringIO(), force_terminal=True, _environ={"TERM": "xterm"})
    assert isinstance(terminal._drawing(plain, quiet=True), Nothing)
    assert isinstance(terminal._drawing(plain, quiet=False), Lines)
    assert isinstance(terminal._drawing(bars, quiet=False), Bar)


def test_the_bar_is_gone_after_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    stopped: list[bool] = []
    shown = Terminal(Outcome(), quiet=True)
    monkeypatch.setattr(shown._drawing, "stop", lambda: stopped.append(True))
    with pytest.raises(ValueError, match="oops"), shown:
        raise ValueError("oops")
    assert stopped == [True]


def test_messages_are_printed_as_they_are(capsys: pytest.CaptureFixture[str]) -> None:
    outcome = Outcome()
    with Terminal(outcome, quiet=False) as shown:
        shown.note("[bold]x[/bold] " + "y" * 200)
        shown.finished(Result(status="ok"))
    assert capsys.readouterr().err == f"[bold]x[/bold] {'y' * 200}\n"
    assert outcome.result == Result(status="ok")


def test_a_resumed_stage_says_so(capsys: pytest.CaptureFixture[str], sample_outputs: Any) -> None:
    with Terminal(Outcome(), quiet=False) as shown:
        shown.stage_started("report", 7, 7)
        shown.stage_finished("report", 2.0, resumed=True, output=sample_outputs.report)
    assert capsys.readouterr().err.splitlines() == [
        "[7/7] report",
        "[7/7] report was finished, took 2.0 s",
        "    report.html",
    ]
