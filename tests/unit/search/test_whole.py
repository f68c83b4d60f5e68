"""Draws, workers, journal, halving and finals together, with trainings and firmware that hashes stand in for."""

import itertools
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import pytest

from edge_nas.boards import load_board
from edge_nas.core.config import BuildConfig
from edge_nas.core.configfile import load_config
from edge_nas.core.hashing import sha256_data
from edge_nas.costs import CostUnknownError
from edge_nas.data.dataset import Dataset
from edge_nas.data.loader import load_dataset
from edge_nas.errors import ConfigError, DivergedError
from edge_nas.results.search import Figures
from edge_nas.runs.progress import Silent
from edge_nas.search.final import CountedCost, Final, FinalResult
from edge_nas.search.finishing import Finishing
from edge_nas.search.found import Found
from edge_nas.search.infeasible import InfeasibleError
from edge_nas.search.limits import Limits
from edge_nas.search.narrowing import Narrow, Narrowing, NarrowResult
from edge_nas.search.pace import Pace
from edge_nas.search.planning import Measured, Probe, SearchPlan, default_plan, plan_for
from edge_nas.search.request import Boards, Request
from edge_nas.search.sieve import CostOf
from edge_nas.search.space import Candidate, whole
from edge_nas.search.training import Training
from edge_nas.search.trial import Trial, TrialResult
from edge_nas.search.whole import CONFIG, Workforce, search

SETTINGS = [
    "data.input_shape=[16,16,3]", "data.terrain.train_images=6", "data.terrain.val_images=3",
    "data.terrain.test_images=1", "train.epochs=4", "search.beginners=6", "search.finalists=4", "search.narrowed=0",
]  # fmt: skip


@dataclass(frozen=True)
class _StemCost:
    """Instructions are the stem's channels, in thousands; the rest is nothing."""

    candidate: Candidate
    flash_bytes: int = 0
    ram_bytes: int = 0

    @property
    def instructions(self) -> int:
        return 1000 * whole(self.candidate.values, "stem")


def _predicted_on(core: str, scheme: str, own: None) -> CostOf:
    return _StemCost


def _trained(training: Training, trial: Trial) -> TrialResult:
    """Scores are hashes of candidate and epochs: a trial's key knows the package's version, and no test should."""
    weights = sha256_data([trial.candidate.key, trial.epochs])
    return TrialResult(key=trial.key, score=int(weights[:8], 16) / 2**32, weights_sha256=weights)


def _finished(finishing: Finishing, final: Final) -> FinalResult:
    """Counts are hashes as well: some are over a limit of 8,000."""
    number = int(sha256_data(final.weights_sha256)[:4], 16)
    cost = CountedCost(instructions=4000 + number % 8000, flash_bytes=number % 97, ram_bytes=number % 89, stack_bytes=1)
    cores = dict.fromkeys(final.cores or ("cortex-m4", "rv32imac"), cost)
    return FinalResult(key=final.key, score=final.float_score, model_sha256=final.key, cores=cores)


@pytest.fixture(scope="module")
def config() -> BuildConfig:
    """A few scenes of 16 x 16."""
    return load_config(None, SETTINGS)


@pytest.fixture(scope="module")
def dataset(config: BuildConfig) -> Dataset:
    """The scenes."""
    return load_dataset(config.data, config.task)


@pytest.fixture(autouse=True)
def hashed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Trainings, firmware and costs are made up, and every tool is there."""
    monkeypatch.setattr(Training, "__call__", _trained)
    monkeypatch.setattr(Finishing, "__call__", _finished)
    monkeypatch.setattr("edge_nas.search.candidates.predicted_on", _predicted_on)
    monkeypatch.setattr("edge_nas.search.request.cores_to_emulate", lambda names: [])


TIMES = Measured(training_s=2.0, epoch_s=0.1, final_s=0.1)
Searches = Callable[..., Found]


@pytest.fixture
def found(config: BuildConfig, dataset: Dataset, tmp_path: Path) -> Searches:
    """Searches in a folder, for one board unless told otherwise, in threads: a score from a hash needs no process."""

    def run(
        folder: str = "search",
        *,
        instructions: int = 8000,
        boards: tuple[str, ...] = ("nrf52840",),
        workers: int = 3,
        plan: SearchPlan | None = None,
        time_s: float | None = None,
        settings: dict[str, float] | None = None,
        progress: Silent = Silent(),  # noqa: B008 - it keeps nothing
    ) -> Found:
        searched = config.model_copy(update={"search": config.search.model_copy(update=settings or {})})
        request = Request(boards=boards, limits=Limits(instructions=instructions), plan=plan, time_s=time_s)
        with ThreadPoolExecutor(workers) as threads:
            workforce = Workforce(threads, workers)
            return search(searched, Boards(request), dataset, tmp_path / folder, workforce=workforce, progress=progress)

    return run


@pytest.mark.parametrize("setting", ["compile.optimize=size", "compile.arena_limit=9000"])
def test_c_whose_costs_are_not_predicted_is_not_searched_for(setting: str, dataset: Dataset, tmp_path: Path) -> None:
    config, boards = load_config(None, [*SETTINGS, setting]), Boards(Request(boards=("nrf52840",)))
    with ThreadPoolExecutor(1) as threads, pytest.raises(ConfigError, match=r"search: compile.*--from-search with it"):
        search(config, boards, dataset, tmp_path, workforce=Workforce(threads, 1), progress=Silent())
    assert not list(tmp_path.iterdir())


def test_one_worker_and_three_give_the_same(found: Searches) -> None:
    alone, together = found("one", workers=1), found("three", workers=3)
    assert alone == together
    assert [len(record.ranked) for record in alone.rungs] == [6, 2]
    assert all(each.cost.instructions <= 8000 for each in alone.pools[0].fitting)
    assert len(alone.finals) >= 2
    (placed,) = alone.standings
    for standing in placed:
        assert standing.cost is not None
        # A limit that the counted firmware breaks drops the network, whatever was predicted.
        assert (standing.instructions > 8000) == ("counted" in str(standing.why_not))


def test_mutants_of_the_best_are_trained_to_the_end_and_finished(found: Searches) -> None:
    plan = default_plan(4, 6, 12).model_copy(update={"refined": 6})
    alone, together = found("one", workers=1, plan=plan), found("three", workers=3, plan=plan)
    assert alone == together
    assert [len(record.ranked) for record in alone.rungs] == [6, 2 + 6]
    last = alone.rungs[-1]
    assert last.mutants == 6
    assert {trial.epochs for trial, _ in last.ranked} == {4}
    scores = [result.score for _, result in last.ranked]
    assert scores[0] == max(scores)
    tried = {trial.candidate.key for trial, _ in last.ranked}
    assert tried <= {finalist.key for finalist, _, _ in alone.finals}
    assert tried <= {each.candidate.key for each in alone.pools[0].fitting}


def _narrowed(narrowing: Narrowing, narrow: Narrow) -> NarrowResult:
    """Takes what it may, and is as good as its hash says."""
    weights = sha256_data([narrow.weights_sha256, narrow.instructions, narrow.seed])
    predicted = Figures(instructions=narrow.instructions, flash_bytes=0, ram_bytes=0)
    return NarrowResult(key=narrow.key, score=int(weights[:8], 16) / 2**32, weights_sha256=weights, predicted=predicted)


def test_networks_over_the_limit_are_trained_to_be_narrowed(
    found: Searches, config: BuildConfig, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Narrowing, "__call__", _narrowed)
    plan = default_plan(4, 12, 12, narrowed=6)
    together = found(settings={"narrowed": 6, "oversize": 3.0}, plan=plan)
    assert found("alone", settings={"narrowed": 6, "oversize": 3.0}, plan=plan, workers=1) == together
    tried = {trial.candidate.key: whole(trial.candidate.values, "stem") for trial, _ in together.rungs[0].ranked}
    assert max(tried.values()) > 8  # thousand instructions, the limit
    narrowed = [each for each, _, _ in together.finals if each.narrowings]
    assert (("cortex-m4", 7920),) in {each.narrowings for each in narrowed if tried[each.candidate] > 8}
    assert len(narrowed) == 6
    # A plan that narrows nothing trains nothing that is over the limit.
    plain = found("plain", settings={"narrowed": 6, "oversize": 3.0}, plan=default_plan(4, 12, 12))
    assert all(whole(candidate.values, "stem") <= 8 for candidate in plain.rungs[0].candidates)
    # What is over the limit is not finished.
    assert all(tried[each.key] <= 8 for each, _, _ in together.finals if not each.narrowings)


@dataclass(frozen=True)
class _SlowCost(_StemCost):
    """Of a core on which a part that every network has takes more than the rest."""

    @property
    def instructions(self) -> int:
        return 10_000 + 500 * whole(self.candidate.values, "stem")


@pytest.mark.parametrize("slow_first", [True, False])
def test_networks_are_narrowed_under_the_limits_of_the_board_that_allows_most(
    slow_first: bool, found: Searches, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is 99 % of a limit on one core is any share of it on another."""
    monkeypatch.setattr(Narrowing, "__call__", _narrowed)
    costs = {"cortex-m0plus": _SlowCost, "cortex-m4": _StemCost}
    monkeypatch.setattr("edge_nas.search.candidates.predicted_on", lambda core, scheme, own: costs[core])
    boards = ("rp2040", "nrf52840") if slow_first else ("nrf52840", "rp2040")
    both = found(boards=boards, settings={"narrowed": 6, "oversize": 3.0}, plan=default_plan(4, 12, 12, narrowed=6))
    pools = {pool.board: pool for pool in both.pools}
    assert pools["rp2040"].fitting  # up to 24,000 instructions
    narrowings = {each.narrowings[-1] for each, _, _ in both.finals if each.narrowings}
    assert ("cortex-m4", 7920) in narrowings
    assert {core for core, _ in narrowings} == {"cortex-m4"}
    # Trainings are compared by the first board's core, whether its limits are kept or not.
    (first, *_) = (each for each, _, _ in both.finals if not each.narrowings)
    assert list(first.predicted) == (["cortex-m0plus", "cortex-m4"] if slow_first else ["cortex-m4", "cortex-m0plus"])


@pytest.mark.parametrize("boards", [("rp2040", "nrf52840"), ("nrf52840", "rp2040")])
def test_a_network_of_the_board_that_allows_most_is_measured(
    boards: tuple[str, ...], found: Searches, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[Probe] = []

    def measured(probe: Probe) -> Measured:
        asked.append(probe)
        return TIMES

    monkeypatch.setattr("edge_nas.search.planning.measure", measured)
    costs = {"cortex-m0plus": _SlowCost, "cortex-m4": _StemCost}
    monkeypatch.setattr("edge_nas.search.candidates.predicted_on", lambda core, scheme, own: costs[core])
    found(boards=boards, instructions=16_000, time_s=60.0, workers=1)
    # 16,000 instructions are a stem of 12 channels on the one core and of 16 on the other.
    (probe,) = asked
    assert whole(probe.trial.candidate.values, "stem") == 16
    assert probe.narrowed == ("cortex-m4", 8000)


def test_a_board_of_which_no_cost_is_known_leaves_the_others(found: Searches, monkeypatch: pytest.MonkeyPatch) -> None:
    def unknown(candidate: Candidate) -> _StemCost:
        raise CostUnknownError("kernel planks was never counted")

    costs = {"cortex-m0plus": unknown, "cortex-m4": _StemCost}
    monkeypatch.setattr("edge_nas.search.candidates.predicted_on", lambda core, scheme, own: costs[core])
    both = found(boards=("rp2040", "nrf52840"))
    assert both.pools[0].problem == "kernel planks was never counted"
    assert len(both.pools[1].fitting) > 0
    with pytest.raises(CostUnknownError, match="planks"):
        found("alone", boards=("rp2040",))


def test_at_a_limit_the_better_are_narrowed_twice(found: Searches, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Narrowing, "__call__", _narrowed)
    plan, settings = default_plan(4, 18, 6, narrowed=12), {"narrowed": 12, "oversize": 3.0}
    together = found(settings=settings, plan=plan)
    assert found("alone", settings=settings, plan=plan, workers=1) == together
    twice = [each for each, _, _ in together.finals if each.described.endswith(", with another seed")]
    assert len(twice) == 3
    doubted = [place for place, (each, _, _) in enumerate(together.finals) if each.doubt is not None]
    assert len(doubted) == 4
    (standings,) = together.standings
    assert all(standings[place].why_not is not None for place in doubted)


def test_a_plan_that_narrows_nothing_makes_what_was_drawn_to_be_narrowed_narrower(
    found: Searches, monkeypatch: pytest.MonkeyPatch
) -> None:
    _timed(monkeypatch)  # a narrowing was not measured
    alone = found("timed", settings={"narrowed": 6, "oversize": 3.0}, time_s=60.0)
    assert max(whole(each.candidate.values, "stem") for each in alone.pools[0].fitting) <= 8
    assert all(whole(candidate.values, "stem") <= 8 for candidate in alone.rungs[0].candidates)
    assert len(alone.rungs[0].ranked) == plan_for(60.0, 3, TIMES, epochs=4).beginners


def test_an_interrupted_search_has_its_configuration(
    found: Searches, config: BuildConfig, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def interrupted(training: Training, trial: Trial) -> TrialResult:
        raise KeyboardInterrupt

    monkeypatch.setattr(Training, "__call__", interrupted)
    with pytest.raises(KeyboardInterrupt):
        found()
    assert load_config(str(tmp_path / "search" / CONFIG), []) == config
    before = (tmp_path / "search" / CONFIG).read_text()
    with pytest.raises(ConfigError, match="other settings, data or version"):
        found(settings={"finalists": 3})
    assert (tmp_path / "search" / CONFIG).read_text() == before


def _timed(monkeypatch: pytest.MonkeyPatch) -> Measured:
    """Makes up what work takes, and a clock that a job moves on by less than planned, and nothing else."""
    clock = itertools.count()
    monkeypatch.setattr("edge_nas.search.whole.monotonic", lambda: 0.0)
    monkeypatch.setattr("edge_nas.search.whole._Line._measured", lambda line, pools: TIMES)
    monkeypatch.setattr("edge_nas.search.pace.monotonic", lambda: next(clock) / 4)
    return TIMES


@pytest.mark.parametrize("others", [1, 2, 3])
def test_another_candidate_is_measured_where_one_comes_to_nothing(
    others: int, found: Searches, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []

    def measured(probe: Probe) -> Measured:
        asked.append(probe.trial.candidate.key)
        if len(set(asked)) <= others:
            raise DivergedError("the loss became NaN")
        return TIMES

    monkeypatch.setattr("edge_nas.search.planning.measure", measured)
    if others < 3:
        assert found(time_s=60.0, workers=1).finals
        assert len(set(asked)) == others + 1
    else:
        with pytest.raises(DivergedError):
            found(time_s=60.0, workers=1)


def test_time_that_halving_leaves_goes_to_mutants(found: Searches, monkeypatch: pytest.MonkeyPatch) -> None:
    measured = _timed(monkeypatch)
    alone = found("timed", time_s=60.0)
    plan = plan_for(60.0, 3, measured, epochs=4)
    assert plan.refined == 0
    last = alone.rungs[-1]
    assert last.mutants > 0
    assert len(last.ranked) == plan.rungs[-2].survivors + last.mutants
    assert found("timed", time_s=60.0) == alone


def test_a_search_that_goes_on_keeps_to_its_plan(found: Searches, monkeypatch: pytest.MonkeyPatch) -> None:
    _timed(monkeypatch)

    def interrupted(training: Training, trial: Trial) -> TrialResult:
        if trial.epochs == 4:
            raise KeyboardInterrupt
        return _trained(training, trial)

    monkeypatch.setattr(Training, "__call__", interrupted)
    with pytest.raises(KeyboardInterrupt):
        found("timed", time_s=60.0)
    monkeypatch.setattr(Training, "__call__", _trained)
    assert found("timed", time_s=60.0).rungs[-1].mutants == 0


def test_a_finished_search_does_nothing_again(found: Searches, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Narrowing, "__call__", _narrowed)
    settings, plan = {"narrowed": 6, "oversize": 3.0}, default_plan(4, 12, 12, narrowed=6)
    first = found(settings=settings, plan=plan)
    for kind in (Training, Finishing, Narrowing):
        monkeypatch.setattr(kind, "__call__", None)
    monkeypatch.setattr("edge_nas.search.candidates.draw_pool", None)
    before: Counter[str] = Counter()
    monkeypatch.setattr(Pace, "went_before", lambda pace, **counts: before.update(counts))
    assert found(settings=settings, plan=plan) == first
    # None of it is left to do.
    assert before["trainings"] == sum(len(record.ranked) for record in first.rungs)
    assert (before["narrowings"], before["finals"]) == (6, len(first.finals))


def test_a_run_with_another_search_is_refused(found: Searches) -> None:
    found()
    with pytest.raises(ConfigError, match="other settings, data or version"):
        found(instructions=12000)


def test_all_boards_share_the_trainings(found: Searches) -> None:
    together = found(boards=("all",))
    assert set(together.boards) == {
        "corstone300", "esp32c3", "nrf52840", "rp2040", "stm32f746", "stm32h743", "stm32l4r5"
    }  # fmt: skip
    assert [len(record.ranked) for record in together.rungs] == [6, 2]
    assert all(len(placed) == len(together.finals) for placed in together.standings)
    by_board = dict(zip(together.boards, together.standings, strict=True))
    assert any(standing.why_not is None for standing in by_board["esp32c3"])
    # Made-up counts are of two cores only.
    assert {str(standing.why_not) for standing in by_board["rp2040"]} == {
        "not counted on cortex-m0plus: it was not asked for"
    }


def test_a_limit_out_of_reach_ends_the_search_at_once(found: Searches, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Training, "__call__", None)
    with pytest.raises(InfeasibleError, match=r"instructions may be 3,000 \(asked for\), the least reachable is 4,000"):
        found(instructions=3000)


def test_boards_that_cannot_be_counted_on_are_refused() -> None:
    for name, told in {"host": "no generated C that is counted", "esp32s3": "no generated C that is counted"}.items():
        with pytest.raises(ConfigError, match=told):
            Boards(Request(boards=(name,)))
    assert Boards(Request(boards=("nrf52840",))).cores == ("cortex-m4",)
    assert Boards(Request(boards=("nrf52840", "stm32l4r5"))).cores == ("cortex-m4",)
    assert Boards(Request(boards=("nrf52840", "esp32c3"))).cores is None
    assert load_board("nrf52840").emulated_core == "cortex-m4"


class _Ticks(Silent):
    """Keeps what is told."""

    def __init__(self) -> None:
        self.ticks: list[tuple[str, int, int]] = []

    def tick(self, what: str, done: int, total: int) -> None:
        self.ticks.append((what, done, total))


def test_trials_done_the_best_so_far_and_the_time_left_are_told(found: Searches) -> None:
    progress = _Ticks()
    together = found(progress=progress)
    scores = [result.score for _, result in together.rungs[0].ranked if result.score is not None]
    best = f"trainings of 1 epochs, best so far {max(scores):.3f} mIoU on val"
    last = [tick for tick in progress.ticks if tick[0].startswith(best)][-1]
    assert last[1] == last[2]
    assert last[0].endswith(" left")
    last = progress.ticks[-1]
    assert last[0].startswith("int8, C, counts; best so far 0.")
    assert last[0].endswith(" s left")
    assert last[1] == last[2] == len(together.finals)
