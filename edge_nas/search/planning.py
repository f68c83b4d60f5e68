"""How much a search tries in the time that it has, from what a training and a final take on this machine.

Both are measured with a candidate of the search, in all workers at once: what a core does alone it does not do beside
others. The plan is made once and kept in the journal, so that a search that goes on follows the same one.
"""

import math
from collections.abc import Sequence
from concurrent.futures import FIRST_COMPLETED, BrokenExecutor, Executor, wait
from dataclasses import dataclass
from itertools import pairwise
from statistics import median
from time import perf_counter

from pydantic import Field

from edge_nas.core import interrupts
from edge_nas.core.frozen import Frozen
from edge_nas.errors import EdgeNasError, ResourceError
from edge_nas.runs.progress import Silent
from edge_nas.search.coordinator import ENDING, MOST_LOSSES
from edge_nas.search.finishing import Finishing
from edge_nas.search.halving import Rung
from edge_nas.search.narrowing import Narrowing
from edge_nas.search.training import SCORED_SHARE, Training, scored_share
from edge_nas.search.trial import Trial

SIEVE_SHARE = 0.1
"""Of the time, at most, for costing candidates; trainings are what a search is about."""
BUSY_SHARE = 0.85
"""Of the workers' time that is planned: rungs end with some of them idle, and processes have to start."""
_FINALS_SHARE = 0.2
"""Of what is planned for finals at most: each is a point of the front, but the trainings make it a good one."""
_NARROWED_SHARE = 0.6
"""Of what is planned for narrowings at most, their finals included: a point of the front takes less time so than by a
training from nothing (design note 41)."""
_MOST_FINALISTS = 20
MOST_BEGINNERS = 64
"""The best of twice as many draws is hardly better; what time is left then goes to mutants of the best."""
_LEAST_BEGINNERS = 6
_EPOCH_SHARES = (1 / 4, 1.0)
"""Of the epochs of a whole training, by rung. A fifteenth before them, as in the experiments behind the method,
threw out what learns slowly: of 112 networks each level more was worth -1.4 points of mIoU after 8 epochs of 120, at
equal cost, and nothing after 30."""
_SURVIVOR_SHARES = (1 / 3,)
"""Of the beginners, those who reach the second rung, and so on."""
_PROBE_EPOCHS = 6
"""Of the training that is measured. An epoch is the median of what lies between their ends: the difference of two whole
trainings was no time at all where something else ran beside the longer one."""
_LEAST_S = 1e-6
_LOOK_S = 0.2  # between two looks at Ctrl-C
_NO_SCORE = -1e9


class SearchPlan(Frozen):
    """How much a search tries.

    Attributes:
        beginners: candidates within the limits that are trained.
        rungs: trainings from short to long.
        finalists: trained networks that become firmware.
        narrowed: networks that are narrowed, at most, and become firmware as well.
        refined: mutants of the best that are trained for as long as the last rung says.
    """

    beginners: int = Field(ge=1)
    rungs: tuple[Rung, ...] = Field(min_length=1)
    finalists: int = Field(ge=1)
    narrowed: int = Field(default=0, ge=0)
    refined: int = Field(default=0, ge=0)

    @property
    def described(self) -> str:
        """The plan in words: how many trainings of how many epochs, how many networks in the end."""
        counts = [self.beginners, *(rung.survivors for rung in self.rungs)]
        trainings = ", ".join(f"{count} x {rung.epochs}" for count, rung in zip(counts, self.rungs, strict=False))
        narrowed = f" and {self.narrowed} narrowed ones" if self.narrowed else ""
        if self.refined:
            trainings += f", {self.refined} mutants x {self.rungs[-1].epochs}"
        return f"trainings x epochs: {trainings}; up to {self.finalists} networks{narrowed} to the end"


class Measured(Frozen):
    """Seconds that work takes in a worker while the others work as well.

    Attributes:
        training_s: of a training, whatever its epochs: making and compiling the network, scoring it.
        epoch_s: of an epoch.
        final_s: of a final.
        narrow_s: of a narrowing; None: none is planned.
        narrow_problem: why a narrowing came to nothing, in some worker.
    """

    training_s: float = Field(ge=0)
    epoch_s: float = Field(gt=0)
    final_s: float = Field(gt=0)
    narrow_s: float | None = Field(default=None, gt=0)
    narrow_problem: str | None = None


class Planned(Frozen):
    """What stands in the journal of a plan: how much is tried, and what that follows from."""

    plan: SearchPlan
    measured: Measured | None


def default_plan(epochs: int, beginners: int, finalists: int, narrowed: int = 0) -> SearchPlan:
    """Returns the plan of a search that takes the time it takes.

    Args:
        epochs: of a whole training.
        beginners: candidates that are trained.
        finalists: networks that become firmware.
        narrowed: networks that are narrowed beside them.
    """
    rungs = _rungs(beginners, epochs)
    return SearchPlan(beginners=beginners, rungs=rungs, finalists=finalists, narrowed=narrowed)


def plan_for(seconds: float, workers: int, measured: Measured, *, epochs: int, most_narrowed: int = 0) -> SearchPlan:
    """Returns the plan that fills a time.

    As many candidates as possible are trained for up to all epochs; where that leaves few candidates, all trainings
    are shorter. Time that is left when there are `MOST_BEGINNERS` goes to mutants of the best. The least plan is
    returned where nothing fits.

    Args:
        seconds: that are left.
        workers: that work at the same time.
        measured: what work takes in each of them.
        epochs: of a whole training, at most.
        most_narrowed: narrowings, at most.
    """
    available = max(0.0, seconds) * workers * BUSY_SHARE
    narrowed = 0
    if measured.narrow_s is not None:
        each_s = measured.narrow_s + measured.final_s
        narrowed = min(most_narrowed, int(_NARROWED_SHARE * available / each_s))
        available -= narrowed * each_s
    finalists = max(1, min(_MOST_FINALISTS, int(_FINALS_SHARE * available / measured.final_s)))
    for_training = available - finalists * measured.final_s

    def fits(beginners: int, longest: int) -> bool:
        return _training_s(_rungs(beginners, longest), beginners, measured) <= for_training

    longest = epochs
    while longest > 1 and not fits(_LEAST_BEGINNERS, longest):
        longest -= 1
    beginners = _LEAST_BEGINNERS
    while beginners < MOST_BEGINNERS and fits(beginners + 1, longest):
        beginners += 1
    rungs = _rungs(beginners, longest)
    left = for_training - _training_s(rungs, beginners, measured)
    refined = int(left / _whole_training_s(rungs, measured)) if beginners == MOST_BEGINNERS else 0
    return SearchPlan(beginners=beginners, rungs=rungs, finalists=finalists, narrowed=narrowed, refined=refined)


def work_s(plan: SearchPlan, measured: Measured) -> float:
    """Returns the seconds of one worker that a plan takes."""
    narrow_s = measured.narrow_s or 0.0
    finals_s = (plan.finalists + plan.narrowed) * measured.final_s + plan.narrowed * narrow_s
    refined_s = plan.refined * _whole_training_s(plan.rungs, measured)
    return _training_s(plan.rungs, plan.beginners, measured) + refined_s + finals_s


def too_short(plan: SearchPlan, measured: Measured, workers: int, left_s: float) -> str | None:
    """Returns that a plan takes longer than the time that is left, which only the least one does; None: it does not."""
    needed_s = work_s(plan, measured) / workers
    if needed_s <= left_s:
        return None
    return (
        f"--time leaves {max(0.0, left_s) / 60:.0f} min, and the least search takes about {needed_s / 60:.0f} here, "
        f"which it does: a training takes {measured.training_s:.0f} s and {measured.epoch_s:.1f} s an epoch, int8 and "
        f"C {measured.final_s:.0f} s"
    )


def _rungs(beginners: int, epochs: int) -> tuple[Rung, ...]:
    """Returns rungs up to so many epochs; a short training has fewer of them."""
    lengths = sorted({max(1, round(share * epochs)) for share in _EPOCH_SHARES})
    reach = [max(2, round(share * beginners)) for share in _SURVIVOR_SHARES][: len(lengths) - 1]
    survivors = [*reach, reach[-1] if reach else beginners]
    return tuple(Rung(epochs=length, survivors=left) for length, left in zip(lengths, survivors, strict=True))


def _training_s(rungs: Sequence[Rung], beginners: int, measured: Measured) -> float:
    """Returns the seconds of a worker that all trainings take together."""
    total, count = 0.0, beginners
    for rung in rungs:
        total += count * (measured.training_s + rung.epochs * measured.epoch_s)
        count = min(count, rung.survivors)
    return total


def _whole_training_s(rungs: Sequence[Rung], measured: Measured) -> float:
    return measured.training_s + rungs[-1].epochs * measured.epoch_s


@dataclass(frozen=True)
class Probe:
    """What a measurement is made with.

    Attributes:
        training: how candidates are trained.
        finishing: how they are finished.
        trial: of the candidate.
        cores: on which finals are counted.
        narrowing: how networks are narrowed; None: none is.
        narrowed: core, and instructions that are half of the candidate's there.
    """

    training: Training
    finishing: Finishing
    trial: Trial
    cores: tuple[str, ...] | None
    narrowing: Narrowing | None = None
    narrowed: tuple[str, int] | None = None


class _EpochEnds(Silent):
    """Keeps when epochs ended."""

    def __init__(self) -> None:
        self.times: list[float] = []

    def tick(self, what: str, done: int, total: int) -> None:  # noqa: ARG002 - of Progress
        """An epoch is over."""
        self.times.append(perf_counter())

    def epoch_s(self, scored: float) -> float:
        """Returns what an epoch takes where such a share of them is scored: medians of what lies between ends.

        The probe scored the last ones, in the share of searches.
        """
        between = [after - before for before, after in pairwise(self.times)]
        last = math.ceil(SCORED_SHARE * len(self.times))
        plain, looked = between[:-last] or between, between[-last:]
        return max((1.0 - scored) * median(plain) + scored * median(looked), _LEAST_S)


def measure(probe: Probe) -> Measured:
    """Returns what trainings, finals and narrowings take in this process.

    Raises:
        EdgeNasError: a training or a final comes to nothing.
    """
    finishing, trial = probe.finishing, probe.trial
    result = probe.training(trial.model_copy(update={"epochs": 1}))  # imports libraries and reads the data
    ends = _EpochEnds()
    start = perf_counter()
    probe.training.probing(ends)(trial.model_copy(update={"epochs": _PROBE_EPOCHS}))
    whole_s = perf_counter() - start
    epoch_s = ends.epoch_s(scored_share(probe.training.fit))
    training_s = max(0.0, whole_s - _PROBE_EPOCHS * epoch_s)
    start = perf_counter()
    if result.weights_sha256 is not None:
        # A float score that no int8 file falls below: after one epoch the gate means nothing.
        finishing(finishing.final(trial.data_sha256, result.weights_sha256, _NO_SCORE, probe.cores))
    final_s = max(perf_counter() - start, _LEAST_S)
    narrow_s, narrow_problem = None, None
    if probe.narrowing is not None and probe.narrowed is not None and result.weights_sha256 is not None:
        try:
            narrow_s = _narrow_s(probe.narrowing, trial.data_sha256, result.weights_sha256, probe.narrowed)
        except ENDING:
            raise
        except EdgeNasError as error:  # the search has its trained networks all the same
            narrow_problem = str(error)
    return Measured(
        training_s=training_s,
        epoch_s=epoch_s,
        final_s=final_s,
        narrow_s=narrow_s,
        narrow_problem=narrow_problem,
    )


def _narrow_s(narrowing: Narrowing, data_sha256: str, weights_sha256: str, narrowed: tuple[str, int]) -> float:
    """Returns what a narrowing takes: one with few epochs is measured, and as many as are missing are added."""
    core, instructions = narrowed
    epochs = narrowing.prune.fine_tune.epochs
    ends = _EpochEnds()
    probe = narrowing.shortened(min(epochs, _PROBE_EPOCHS), ends)
    start = perf_counter()
    probe(probe.narrow(data_sha256, weights_sha256, instructions, core))
    whole_s = perf_counter() - start
    missing = epochs - probe.prune.fine_tune.epochs
    scored = scored_share(narrowing.prune.fine_tune)
    return max(whole_s + (missing * ends.epoch_s(scored) if missing else 0.0), _LEAST_S)


def measured_by_all(executor: Executor, workers: int, probe: Probe) -> list[Measured]:
    """Returns what work takes in so many workers at once; where one dies, another measures in its place.

    Raises:
        ResourceError: they die again and again.
        EdgeNasError: of the first that measured nothing, when none works any more.
    """
    waiting = {executor.submit(measure, probe) for _ in range(workers)}
    found: list[Measured] = []
    errors: list[EdgeNasError] = []
    losses = 0
    while waiting:
        interrupts.look()
        done, waiting = wait(waiting, timeout=_LOOK_S, return_when=FIRST_COMPLETED)
        for future in done:
            try:
                found.append(future.result())
            except BrokenExecutor as error:
                losses += 1
                if losses >= MOST_LOSSES * workers:
                    raise ResourceError(
                        f"{losses} worker processes died while one network was trained to see how long that takes; "
                        "there may be too little memory for so many workers"
                    ) from error
                waiting.add(executor.submit(measure, probe))
            except EdgeNasError as error:
                errors.append(error)
    if errors:
        raise errors[0]
    return found


def slowest(measured: Sequence[Measured]) -> Measured:
    """Returns the most that each takes in any worker."""
    return Measured(
        training_s=max(each.training_s for each in measured),
        epoch_s=max(each.epoch_s for each in measured),
        final_s=max(each.final_s for each in measured),
        narrow_s=max((each.narrow_s for each in measured if each.narrow_s is not None), default=None),
        narrow_problem=next((each.narrow_problem for each in measured if each.narrow_problem is not None), None),
    )
