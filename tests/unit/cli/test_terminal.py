"""Bars on a terminal, lines in a log, silence when asked for."""

import io
from typing import Any

import pytest
from rich.console import Console

from edge_nas.cli import terminal
from edge_nas.cli.outcome import Outcome
from edge_nas.cli.terminal import Bar, Lines, Nothing, Pace, Terminal
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


def test_finished_stages_are_one_line(capsys: pytest.CaptureFixture[str], sample_outputs: Any) -> None:
    with Terminal(Outcome(), quiet=False) as shown:
        shown.stage_finished("train", 2.0, resumed=True, output=sample_outputs.train)
        shown.stage_finished("analyze", 2.0, resumed=True, output=sample_outputs.analyze)
        shown.stage_started("report", 7, 7)
        shown.stage_finished("report", 2.0, resumed=False, output=sample_outputs.report)
    assert capsys.readouterr().err.splitlines() == [
        "finished before: train, analyze (--verbose shows what they came to)",
        "[7/7] report",
        "[7/7] report done in 2.0 s",
        "    report.html",
    ]


def test_verbose_shows_what_they_came_to(capsys: pytest.CaptureFixture[str], sample_outputs: Any) -> None:
    with Terminal(Outcome(), quiet=False, verbose=True) as shown:
        shown.stage_finished("report", 2.0, resumed=True, output=sample_outputs.report)
    assert capsys.readouterr().err.splitlines() == ["report was finished, took 2.0 s", "    report.html"]


def paced(*ends: float, total: int = 20) -> Pace:
    pace = Pace()
    for done, end in enumerate(ends):
        pace.tick(done, total, end)
    return pace


def test_time_left_is_said_where_units_take_alike() -> None:
    assert paced(0.0, 2.0, 4.1, 6.0).seconds_left(6.5) == pytest.approx(2.0 * 17 - 0.5)
    assert paced(0.0, 2.0).seconds_left(2.0) is None  # too few
    assert paced(0.0, 1.0, 2.0, 5.0).seconds_left(5.0) is None  # one took three times as long
    assert paced(0.0, 1.0, 2.0, 3.0, total=0).seconds_left(3.0) is None  # nobody knows how many


def test_other_work_has_a_pace_of_its_own() -> None:
    pace = paced(0.0, 1.0, 2.0, 3.0)
    pace.tick(0, 20, 9.0)
    assert pace.seconds_left(9.0) is None


@pytest.mark.parametrize("width", [40, 80])
def test_no_line_is_wider_than_the_terminal(width: int) -> None:
    stream = io.StringIO()
    console = Console(file=stream, force_terminal=True, width=width, no_color=True, legacy_windows=False)
    bar = Bar(console)
    bar.start("[1/10] train")
    for epoch in range(1, 6):
        bar.tick("loss 0.123, distillation 0.456, mIoU on val 0.789 and more words than there is room for", epoch, 35)
    rendered = [segment.text for segment in console.render(bar._progress.get_renderable())]
    bar.stop()
    lines = "".join(rendered).splitlines()
    assert len(lines) == 1
    assert len(lines[0]) <= width
    assert "5/35" in lines[0]
