"""How a long job says where it is; the command line draws it, a program may ignore it."""

from collections.abc import Callable
from typing import Protocol

from edge_nas.core.frozen import Frozen
from edge_nas.results.result import Result

Tick = Callable[[str, int, int], None]
"""Told (what goes on, how many units of it are over, of how many), as `Progress.tick` is."""


def no_tick(what: str, done: int, total: int) -> None:
    """A `Tick` that tells nobody."""
    del what, done, total


class Progress(Protocol):
    """Who is told. Calls come in the order stage_started, tick..., stage_finished; notes and warnings at any time.

    Of a stage that was finished before, stage_finished is all.
    """

    def stage_started(self, stage: str, position: int, total: int) -> None:
        """A stage begins, the `position`-th (from 1) of `total`."""

    def tick(self, what: str, done: int, total: int) -> None:
        """Inside a stage: `what` goes on, `done` of `total` units of it are over; total 0: nobody knows how many."""

    def stage_finished(self, stage: str, seconds: float, *, resumed: bool, output: Frozen) -> None:
        """The stage's output is on the disk; `resumed`: it was there already, `seconds` are what it took then."""

    def note(self, message: str) -> None:
        """Something worth knowing that is not wrong."""

    def warning(self, message: str) -> None:
        """Something that is wrong and was dealt with."""

    def finished(self, result: Result) -> None:
        """`result.json` is written; also when the build failed."""


class Silent:
    """A Progress that tells nobody; for programs, and the default of the Python interface."""

    def stage_started(self, stage: str, position: int, total: int) -> None:
        """Does nothing."""

    def tick(self, what: str, done: int, total: int) -> None:
        """Does nothing."""

    def stage_finished(self, stage: str, seconds: float, *, resumed: bool, output: Frozen) -> None:
        """Does nothing."""

    def note(self, message: str) -> None:
        """Does nothing."""

    def warning(self, message: str) -> None:
        """Does nothing."""

    def finished(self, result: Result) -> None:
        """Does nothing."""
