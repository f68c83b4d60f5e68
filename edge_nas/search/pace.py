"""How long a search still takes, from what it has done so far."""

import math
from time import monotonic

from edge_nas.search.planning import BUSY_SHARE, Measured, SearchPlan, work_s

_GUESS = Measured(training_s=4.0, epoch_s=1.0, final_s=24.0, narrow_s=60.0)
"""Before anything is measured only proportions count: those of 48x64 pictures on one thread."""


class Pace:
    """Work done and left, in seconds as they were measured, and how fast it goes in truth.

    Args:
        plan: what will be done.
        measured: what work takes in a worker; None: as is usual.
        workers: that work at the same time.
    """

    def __init__(self, plan: SearchPlan, measured: Measured | None, workers: int) -> None:
        self._measured = measured or _GUESS
        self._known = measured is not None
        self._workers = workers
        self._begun = monotonic()
        self._done = 0.0
        self._left = work_s(plan, self._measured)

    def trained(self, epochs: int, trainings: int = 1) -> None:
        """A training of so many epochs is over, or several are."""
        self._over(trainings * self._training_s(epochs))

    def went_before(self, *, trainings: int = 0, epochs: int = 0, narrowings: int = 0, finals: int = 0) -> None:
        """So much was done before the search went on: it is not left, and says nothing of how fast that goes now.

        Args:
            trainings: of so many epochs each.
            epochs: of a training.
            narrowings: networks that were narrowed.
            finals: networks that were finished.
        """
        seconds = trainings * self._training_s(epochs) + narrowings * self._narrow_s + finals * self._measured.final_s
        self._left = max(0.0, self._left - seconds)

    def spare_trainings(self, left_s: float, epochs: int) -> int:
        """Returns how many trainings of so many epochs fit beside what is left to do; less than 0 where that is late.

        Args:
            left_s: seconds by the clock.
            epochs: of each.
        """
        speed = self._done / (monotonic() - self._begun) if self._done else float(self._workers)
        return math.floor((BUSY_SHARE * left_s * speed - self._left) / self._training_s(epochs))

    def added(self, trainings: int, epochs: int) -> None:
        """So many trainings more are planned."""
        self._left = max(0.0, self._left + trainings * self._training_s(epochs))

    def narrowed(self) -> None:
        """A narrowing is over."""
        self._over(self._narrow_s)

    def finished(self) -> None:
        """A final is over."""
        self._over(self._measured.final_s)

    @property
    def left(self) -> str:
        """The time left in words, to be appended: ", 7 min left"; empty before it is known."""
        if self._done == 0.0 and not self._known:
            return ""
        speed = self._done / (monotonic() - self._begun) if self._done else float(self._workers)
        minutes = self._left / speed / 60
        return f", {minutes:.0f} min left" if minutes >= 1.5 else f", {60 * minutes:.0f} s left"

    @property
    def _narrow_s(self) -> float:
        return self._measured.narrow_s or 0.0

    def _training_s(self, epochs: int) -> float:
        return self._measured.training_s + epochs * self._measured.epoch_s

    def _over(self, seconds: float) -> None:
        self._done += seconds
        self._left = max(0.0, self._left - seconds)
