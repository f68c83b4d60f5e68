"""Progress on standard error: a bar per stage on a terminal, plain lines in a pipe or a log, nothing when quiet.

Standard output is the result's alone.
"""

import sys
from time import monotonic
from types import TracebackType
from typing import Protocol, Self

from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

from edge_nas.cli.delta import Delta
from edge_nas.cli.outcome import Outcome
from edge_nas.core.frozen import Frozen
from edge_nas.core.interrupts import look
from edge_nas.results.result import Result

LINE_EVERY_SECONDS = 10.0


class Drawing(Protocol):
    """How a stage at work is shown."""

    def start(self, title: str) -> None:
        """A stage begins."""

    def tick(self, what: str, done: int, total: int) -> None:
        """`done` of `total` units of `what` are over; total 0: nobody knows how many."""

    def stop(self) -> None:
        """The stage ended, or the command did."""


class Bar:
    """A rich bar: what goes on, how much of it, time passed and time left."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._progress: Progress | None = None
        self._title = ""

    def start(self, title: str) -> None:
        """See `Drawing`."""
        self._title = title
        self._progress = Progress(
            TextColumn("{task.description}"),
            BarColumn(bar_width=24),
            TextColumn("{task.fields[count]}"),
            TimeElapsedColumn(),
            TextColumn("left"),
            TimeRemainingColumn(),
            console=self._console,
            transient=True,
            redirect_stdout=False,
        )
        self._progress.add_task(escape(title), total=None, count="")
        self._progress.start()

    def tick(self, what: str, done: int, total: int) -> None:
        """See `Drawing`."""
        if self._progress is None:
            return
        task = self._progress.tasks[0]
        if done < task.completed or (total or None) != task.total:
            # Other work: the speed of one kind says nothing about the next.
            self._progress.reset(task.id, total=total or None, count="")
        self._progress.update(
            task.id,
            description=escape(f"{self._title}: {what}"),
            completed=done,
            count=f"{done}/{total}" if total else str(done or ""),
        )

    def stop(self) -> None:
        """See `Drawing`."""
        if self._progress is not None:
            self._progress.stop()
            self._progress = None


class Lines:
    """A line when a stage begins, when other work begins in it, and every ten seconds in between."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._title = ""
        self._done, self._total = 0, -1
        self._last = 0.0

    def start(self, title: str) -> None:
        """See `Drawing`."""
        self._title, self._done, self._total, self._last = title, 0, -1, monotonic()
        _print(self._console, title)

    def tick(self, what: str, done: int, total: int) -> None:
        """See `Drawing`."""
        now = monotonic()
        same_work = total == self._total and done >= self._done
        self._done, self._total = done, total
        if same_work and now - self._last < LINE_EVERY_SECONDS:
            return
        self._last = now
        _print(self._console, f"{self._title}: {what}{f' {done}/{total}' if total else ''}")

    def stop(self) -> None:
        """See `Drawing`."""


class Nothing:
    """Shows nothing."""

    def start(self, title: str) -> None:
        """See `Drawing`."""

    def tick(self, what: str, done: int, total: int) -> None:
        """See `Drawing`."""

    def stop(self) -> None:
        """See `Drawing`."""


class Terminal:
    """The `Progress` of the command line; leaving the context clears the bar, whatever ended it.

    Where a stage or a part of it begins, a signal that has come ends the command by KeyboardInterrupt.

    Args:
        outcome: Gets the result that was written, for `main` to print after a failure.
        quiet: Show warnings only.
    """

    def __init__(self, outcome: Outcome, *, quiet: bool) -> None:
        self._outcome = outcome
        self._quiet = quiet
        self._console = Console(file=sys.stderr, highlight=False)
        self._drawing = _drawing(self._console, quiet=quiet)
        self._delta = Delta()
        self._title = ""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._drawing.stop()

    def stage_started(self, stage: str, position: int, total: int) -> None:
        """See `edge_nas.runs.progress.Progress`."""
        look()
        self._title = f"[{position}/{total}] {stage}"
        self._drawing.start(self._title)

    def tick(self, what: str, done: int, total: int) -> None:
        """See `edge_nas.runs.progress.Progress`."""
        look()
        self._drawing.tick(what, done, total)

    def stage_finished(self, stage: str, seconds: float, *, resumed: bool, output: Frozen) -> None:
        """See `edge_nas.runs.progress.Progress`."""
        del stage
        self._drawing.stop()
        lines = self._delta.lines(output)
        if self._quiet:
            return
        _print(self._console, f"{self._title} {'was finished, took' if resumed else 'done in'} {seconds:.1f} s")
        for line in lines:
            _print(self._console, f"    {line}")

    def note(self, message: str) -> None:
        """See `edge_nas.runs.progress.Progress`."""
        if not self._quiet:
            _print(self._console, message)

    def warning(self, message: str) -> None:
        """See `edge_nas.runs.progress.Progress`."""
        _print(self._console, f"warning: {message}")

    def finished(self, result: Result) -> None:
        """See `edge_nas.runs.progress.Progress`."""
        self._outcome.result = result


def _drawing(console: Console, *, quiet: bool) -> Drawing:
    if quiet:
        return Nothing()
    return Bar(console) if console.is_terminal and not console.is_dumb_terminal else Lines(console)


def _print(console: Console, text: str) -> None:
    """Prints text as it is: no markup, and no line breaks that would cut a line of a log."""
    console.print(text, markup=False, soft_wrap=True)
