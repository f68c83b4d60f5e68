"""Progress on standard error: a bar per stage on a terminal, plain lines in a pipe or a log, nothing when quiet.

Standard output is the result's alone.
"""

import sys
from itertools import pairwise
from time import monotonic
from types import TracebackType
from typing import Protocol, Self

from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Column

from edge_nas.cli.delta import Delta
from edge_nas.cli.lastscreen import duration
from edge_nas.cli.outcome import Outcome
from edge_nas.core.frozen import Frozen
from edge_nas.core.interrupts import look
from edge_nas.results.result import Result

LINE_EVERY_SECONDS = 10.0
_PACE_UNITS, _PACE_LEAST, _PACE_ALIKE = 8, 3, 1.5
"""Of the last eight units, at least three, the longest may take half as long again as the shortest."""


class Drawing(Protocol):
    """How a stage at work is shown."""

    def start(self, title: str) -> None:
        """A stage begins."""

    def tick(self, what: str, done: int, total: int) -> None:
        """`done` of `total` units of `what` are over; total 0: nobody knows how many."""

    def stop(self) -> None:
        """The stage ended, or the command did."""


class Pace:
    """How fast units of one kind of work go by, and how long the rest will take: said only where they take alike.

    An estimate from epochs that take alike is right within seconds. One from steps of which some take a hundred times
    as long as others is a guess, and is not shown.
    """

    def __init__(self) -> None:
        self._ends: list[float] = []
        self._done = self._total = 0

    def tick(self, done: int, total: int, now: float) -> None:
        """`done` of `total` units are over; fewer than before, or another total: other work begins."""
        if done < self._done or total != self._total:
            self._ends = []
        if not self._ends or done > self._done:
            self._ends.append(now)
        self._done, self._total = done, total

    def seconds_left(self, now: float) -> float | None:
        """Returns how long the rest will take; None where that cannot be told."""
        durations = [after - before for before, after in pairwise(self._ends[-_PACE_UNITS - 1 :])]
        if self._total <= 0 or len(durations) < _PACE_LEAST or max(durations) > _PACE_ALIKE * min(durations):
            return None
        each = sum(durations) / len(durations)
        return max(0.0, each * (self._total - self._done) - (now - self._ends[-1]))


class Bar:
    """A rich bar: what goes on, how much of it, time passed and, where it can be told, time left."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._progress: Progress | None = None
        self._title = ""
        self._pace = Pace()

    def start(self, title: str) -> None:
        """See `Drawing`."""
        self._title, self._pace = title, Pace()
        self._progress = Progress(
            # What goes on gives way where the terminal is narrow; the figures beside it stay whole.
            TextColumn("{task.description}", table_column=Column(ratio=1, no_wrap=True, overflow="ellipsis")),
            BarColumn(bar_width=16),
            TextColumn("{task.fields[count]}", table_column=Column(no_wrap=True)),
            TimeElapsedColumn(table_column=Column(no_wrap=True)),
            TextColumn("{task.fields[left]}", table_column=Column(no_wrap=True)),
            console=self._console,
            transient=True,
            redirect_stdout=False,
            expand=True,
        )
        self._progress.add_task(escape(title), total=None, count="", left="")
        self._progress.start()

    def tick(self, what: str, done: int, total: int) -> None:
        """See `Drawing`."""
        if self._progress is None:
            return
        task = self._progress.tasks[0]
        if done < task.completed or (total or None) != task.total:
            self._progress.reset(task.id, total=total or None, count="", left="")
        now = monotonic()
        self._pace.tick(done, total, now)
        left = self._pace.seconds_left(now)
        self._progress.update(
            task.id,
            description=escape(f"{self._title}: {what}"),
            completed=done,
            count=f"{done}/{total}" if total else str(done or ""),
            left="" if left is None else f"~{duration(round(left))} left",
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
        verbose: Show also what stages came to that were finished before.
    """

    def __init__(self, outcome: Outcome, *, quiet: bool, verbose: bool = False) -> None:
        self._outcome = outcome
        self._quiet = quiet
        self._verbose = verbose
        self._resumed: list[str] = []
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
        self._tell_resumed()

    def stage_started(self, stage: str, position: int, total: int) -> None:
        """See `edge_nas.runs.progress.Progress`."""
        look()
        self._tell_resumed()
        self._title = f"[{position}/{total}] {stage}"
        self._drawing.start(self._title)

    def tick(self, what: str, done: int, total: int) -> None:
        """See `edge_nas.runs.progress.Progress`."""
        look()
        self._drawing.tick(what, done, total)

    def stage_finished(self, stage: str, seconds: float, *, resumed: bool, output: Frozen) -> None:
        """See `edge_nas.runs.progress.Progress`."""
        self._drawing.stop()
        lines = self._delta.lines(output)
        if self._quiet:
            return
        if resumed and not self._verbose:
            self._resumed.append(stage)
            return
        title = f"{stage} was finished, took" if resumed else f"{self._title} done in"
        _print(self._console, f"{title} {seconds:.1f} s")
        for line in lines:
            _print(self._console, f"    {line}")

    def _tell_resumed(self) -> None:
        """Says in one line which stages were finished before: what they came to was told then."""
        if self._resumed:
            _print(self._console, f"finished before: {', '.join(self._resumed)} (--verbose shows what they came to)")
            self._resumed = []

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
    """Prints text as it is: no markup; on a terminal broken between words, in a log on one line."""
    console.print(text, markup=False, soft_wrap=not console.is_terminal)
