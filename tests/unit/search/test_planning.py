"""Plans for a time."""

import math
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace

import pytest
from searchresults import candidate

from edge_nas.core.config import FitSpec, PruneSpec
from edge_nas.errors import ConfigError, ResourceError
from edge_nas.runs.progress import Progress, Silent
from edge_nas.search.executors import WorkerLostError
from edge_nas.search.final import Final, FinalResult
from edge_nas.search.narrowing import Narrow, NarrowResult
from edge_nas.search.planning import (
    Measured,
    Probe,
    default_plan,
    measure,
    measured_by_all,
    plan_for,
    slowest,
    too_short,
    work_s,
)
from edge_nas.search.training import SCORED_SHARE
from edge_nas.search.trial import Trial, TrialResult

USUAL = Measured(training_s=5.0, epoch_s=1.5, final_s=30.0)


def test_a_third_of_the_beginners_go_on() -> None:
    plan = default_plan(120, 15, 2)
    assert [(rung.epochs, rung.survivors) for rung in plan.rungs] == [(30, 5), (120, 5)]
    assert plan.described == "trainings x epochs: 15 x 30, 5 x 120; up to 2 networks to the end"


@pytest.mark.parametrize("seconds", [300.0, 1200.0, 3600.0])
@pytest.mark.parametrize("workers", [1, 2, 8])
def test_a_plan_fills_its_time(seconds: float, workers: int) -> None:
    plan = plan_for(seconds, workers, USUAL, epochs=120)
    available = seconds * workers
    assert work_s(plan, USUAL) <= 0.86 * available
    assert work_s(plan, USUAL) >= 0.6 * available


def test_time_that_draws_do_not_need_goes_to_mutants() -> None:
    short, long = (plan_for(seconds, 8, USUAL, epochs=120) for seconds in (600.0, 3600.0))
    assert short.beginners < 64
    assert short.refined == 0
    assert (long.beginners, long.finalists) == (64, 20)
    assert long.refined == int((0.85 * 8 * 3600 - work_s(long.model_copy(update={"refined": 0}), USUAL)) / 185)
    assert long.described.endswith(f"21 x 120, {long.refined} mutants x 120; up to 20 networks to the end")


def test_more_time_tries_more_before_it_trains_longer() -> None:
    plans = [plan_for(seconds, 2, USUAL, epochs=120) for seconds in (120.0, 600.0, 1200.0, 3600.0)]
    longest = [plan.rungs[-1].epochs for plan in plans]
    assert longest == sorted(longest)
    assert longest[0] < longest[2] == longest[3] == 120
    assert [plan.beginners for plan in plans] == sorted(plan.beginners for plan in plans)


def test_where_nothing_fits_the_least_is_planned() -> None:
    plan = plan_for(1.0, 1, USUAL, epochs=120)
    # Six trainings of an epoch and a final.
    assert work_s(plan, USUAL) == 6 * 6.5 + 30
    assert too_short(plan, USUAL, 1, 69.0) is None
    told = too_short(plan, USUAL, 1, 60.0)
    assert told is not None
    assert told.startswith("--time leaves 1 min, and the least search takes about 1 here")
    assert (plan.beginners, plan.finalists, plan.rungs[-1].epochs) == (6, 1, 1)


def test_short_trainings_have_fewer_rungs() -> None:
    assert [rung.epochs for rung in default_plan(1, 6, 1).rungs] == [1]
    assert [rung.epochs for rung in default_plan(4, 6, 1).rungs] == [1, 4]


def test_the_slowest_worker_counts() -> None:
    other = Measured(training_s=1.0, epoch_s=2.0, final_s=10.0)
    assert slowest([USUAL, other]) == Measured(training_s=5.0, epoch_s=2.0, final_s=30.0)


class _Clock:
    """The seconds that have passed."""

    def __init__(self) -> None:
        self.s = 0.0

    def __call__(self) -> float:
        return self.s


@dataclass(frozen=True)
class _Training:
    """Takes 4 s and 2 s an epoch, but for the fourth; to score one takes 0.4 s."""

    clock: _Clock
    fourth_s: float = 2.0
    progress: Progress = field(default_factory=Silent)
    fit: FitSpec = field(default_factory=FitSpec)

    def probing(self, progress: Progress) -> "_Training":
        return replace(self, progress=progress)

    def __call__(self, trial: Trial) -> TrialResult:
        self.clock.s += 4.0
        scored = math.ceil(SCORED_SHARE * trial.epochs)
        for epoch in range(trial.epochs):
            self.clock.s += 2.0 if epoch != 3 else self.fourth_s
            self.clock.s += 0.4 if epoch >= trial.epochs - scored else 0.0
            self.progress.tick("", epoch + 1, trial.epochs)
        return TrialResult(key=trial.key, score=0.5, weights_sha256="w")


@dataclass(frozen=True)
class _Finishing:
    """Takes 20 s."""

    clock: _Clock

    def final(self, data: str, weights: str, score: float, cores: tuple[str, ...]) -> Final:
        return Final(
            weights_sha256=weights, float_score=score, cores=cores, recipe_sha256="r", data_sha256=data, seed=0
        )

    def __call__(self, final: Final) -> FinalResult:
        self.clock.s += 20.0
        return FinalResult(key=final.key, score=0.5)


class _Narrowing:
    """Takes 7 s and 3 s an epoch."""

    def __init__(self, clock: _Clock, epochs: int, progress: Progress) -> None:
        self.clock, self.progress = clock, progress
        self.prune = PruneSpec(fine_tune=PruneSpec().fine_tune.model_copy(update={"epochs": epochs}))

    def shortened(self, epochs: int, progress: Progress) -> "_Narrowing":
        return _Narrowing(self.clock, epochs, progress)

    def narrow(self, data: str, weights: str, instructions: int, core: str) -> Narrow:
        assert (instructions, core) == (1000, "cortex-m4")
        return Narrow(weights_sha256=weights, instructions=1000, core=core, recipe_sha256="r", data_sha256=data, seed=0)

    def __call__(self, narrow: Narrow) -> NarrowResult:
        self.clock.s += 7.0
        for epoch in range(self.prune.fine_tune.epochs):
            self.clock.s += 3.0
            self.progress.tick("", epoch + 1, self.prune.fine_tune.epochs)
        return NarrowResult(key=narrow.key, score=0.4)


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> _Clock:
    clock = _Clock()
    monkeypatch.setattr("edge_nas.search.planning.perf_counter", clock)
    return clock


def _probe(training: _Training) -> Probe:
    trial = Trial(candidate=candidate(1), epochs=1, recipe_sha256="r", data_sha256="d", seed=0)
    return Probe(training, _Finishing(training.clock), trial, ("cortex-m4",))  # type: ignore[arg-type]


@pytest.mark.parametrize("fourth_s", [0.0, 2.0, 9.0])
def test_what_a_training_and_a_final_take(clock: _Clock, fourth_s: float) -> None:
    measured = measure(_probe(_Training(clock, fourth_s)))
    # A single epoch that takes longer or shorter changes what an epoch is said to take by nothing.
    assert measured.training_s == pytest.approx(4.0 + fourth_s - 2.0 + 2 * 0.4 - 6 * 0.1)
    assert (measured.final_s, measured.narrow_s) == (20.0, None)
    # A quarter of the epochs is scored; with patience all are.
    assert measured.epoch_s == pytest.approx(2.1)
    patient = _Training(clock, fourth_s, fit=FitSpec(patience=1))
    assert measure(_probe(patient)).epoch_s == pytest.approx(2.4)


@pytest.mark.parametrize("epochs", [60, 4, 1])
def test_what_a_narrowing_takes(clock: _Clock, epochs: int) -> None:
    narrowing = _Narrowing(clock, epochs, Silent())
    narrowed = replace(_probe(_Training(clock)), narrowing=narrowing, narrowed=("cortex-m4", 1000))  # type: ignore[arg-type]
    assert measure(narrowed).narrow_s == pytest.approx(7.0 + 3.0 * epochs)


class _Refusing(_Narrowing):
    """A narrowing that nothing comes of."""

    def shortened(self, epochs: int, progress: Progress) -> "_Narrowing":
        return _Refusing(self.clock, epochs, progress)

    def __call__(self, narrow: Narrow) -> NarrowResult:
        raise ConfigError("layer 'turn': what its operator takes cannot be predicted")


def test_where_nothing_can_be_narrowed_no_narrowing_is_planned(clock: _Clock) -> None:
    narrowing = _Refusing(clock, 60, Silent())
    probe = replace(_probe(_Training(clock)), narrowing=narrowing, narrowed=("cortex-m4", 1000))  # type: ignore[arg-type]
    measured = slowest([measure(probe)] * 2)
    assert (measured.narrow_s, measured.final_s) == (None, 20.0)
    assert measured.narrow_problem == "layer 'turn': what its operator takes cannot be predicted"
    assert plan_for(1200.0, 2, measured, epochs=120, most_narrowed=10).narrowed == 0


class _Dying(ThreadPoolExecutor):
    """Workers of which the first ones die of what they are given."""

    def __init__(self, deaths: int) -> None:
        super().__init__(2)
        self.deaths = deaths

    def submit(self, fn, /, *args, **kwargs):  # type: ignore[no-untyped-def]
        self.deaths -= 1
        return super().submit(_die if self.deaths >= 0 else fn, *args, **kwargs)


def _die(*_: object) -> None:
    raise WorkerLostError("the worker process has died")


def test_a_worker_that_dies_while_it_measures_is_replaced(clock: _Clock) -> None:
    probe = _probe(_Training(clock))
    with _Dying(deaths=5) as workers:
        assert len(measured_by_all(workers, 2, probe)) == 2
    with _Dying(deaths=6) as workers, pytest.raises(ResourceError, match="6 worker processes died"):
        measured_by_all(workers, 2, probe)


def test_narrowings_take_their_share() -> None:
    measured = USUAL.model_copy(update={"narrow_s": 60.0})
    plan = plan_for(1200.0, 2, measured, epochs=120, most_narrowed=100)
    assert plan.narrowed == int(0.6 * 0.85 * 2400 / 90) == 13
    assert plan_for(1200.0, 2, measured, epochs=120, most_narrowed=3).narrowed == 3
    assert plan_for(1200.0, 2, USUAL, epochs=120, most_narrowed=3).narrowed == 0
    assert work_s(plan, measured) <= 0.86 * 2400
    assert "and 13 narrowed ones to the end" in plan.described
