"""A search's schedule in time that only passes on paper: workers, one coordinator, one batch after the other."""

import heapq
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Overheads:
    """What the coordinator does alone, one trial after the other.

    Attributes:
        dispatch_s: to hand a trial to the executor.
        result_s: to take its result and have it on the disk.
    """

    dispatch_s: float
    result_s: float


@dataclass(frozen=True)
class Schedule:
    """How batches of trials went.

    Attributes:
        seconds: from the first trial handed over to the last result on the disk.
        worked_s: that workers spent on trials, together.
        workers: that there were.
    """

    seconds: float
    worked_s: float
    workers: int

    @property
    def busy(self) -> float:
        """The share of their time that workers spent on trials."""
        return self.worked_s / (self.seconds * self.workers)


def schedule(batches: Sequence[Sequence[float]], workers: int, overheads: Overheads) -> Schedule:
    """Returns how long batches take one after the other, each begun when the one before is on the disk.

    All of a batch is handed over at once, in order; who is free takes the next. Results are taken in the order in which
    they come. That is what the coordinator does, with `LocalWorkers` as with Dask.

    Args:
        batches: seconds of each trial.
        workers: at least 1.
        overheads: of the coordinator, which hands over and takes results at the same time.
    """
    now = 0.0
    for trials in batches:
        free = [now] * workers
        ends = []
        for number, seconds in enumerate(trials, start=1):
            begun = max(heapq.heappop(free), now + number * overheads.dispatch_s)
            heapq.heappush(free, begun + seconds)
            ends.append(begun + seconds)
        for end in sorted(ends):
            now = max(now, end) + overheads.result_s
    return Schedule(now, sum(map(sum, batches)), workers)
