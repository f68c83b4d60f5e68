"""Sieve, workers, journal and halving together, with trainings that a hash stands in for."""

from collections.abc import Iterator
from concurrent.futures import Executor, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import pytest
from searchtrials import score_of

from edge_nas.boards import load_board
from edge_nas.core.config import BuildConfig
from edge_nas.core.configfile import load_config
from edge_nas.data.dataset import Dataset
from edge_nas.data.loader import load_dataset
from edge_nas.errors import ConfigError
from edge_nas.search.executors import LocalWorkers
from edge_nas.search.exploration import Explored, Plan, explore
from edge_nas.search.halving import Rung
from edge_nas.search.limits import BoardLimits, Limits, limits_on
from edge_nas.search.space import Candidate, whole
from edge_nas.search.training import Training
from edge_nas.search.trial import Trial, TrialResult

PLAN = Plan("fast_u", beginners=6, most_draws=400, rungs=(Rung(epochs=1, survivors=3), Rung(epochs=2, survivors=1)))


@dataclass(frozen=True)
class _StemCost:
    """Instructions are the stem's channels; the rest is nothing."""

    candidate: Candidate
    flash_bytes: int = 0
    ram_bytes: int = 0

    @property
    def instructions(self) -> int:
        return whole(self.candidate.values, "stem")


def _scored(training: Training, trial: Trial) -> TrialResult:
    return score_of(trial)


@pytest.fixture(scope="module")
def config() -> BuildConfig:
    """A few scenes of 16 x 16."""
    scenes = ["data.terrain.train_images=6", "data.terrain.val_images=3", "data.terrain.test_images=1"]
    return load_config(None, ["data.input_shape=[16,16,3]", *scenes])


@pytest.fixture(scope="module")
def dataset(config: BuildConfig) -> Dataset:
    """The scenes."""
    return load_dataset(config.data, config.task)


@pytest.fixture
def executor() -> Iterator[Executor]:
    """Threads: a score from a hash needs no process."""
    with ThreadPoolExecutor(3) as threads:
        yield threads


def _limits(instructions: int) -> BoardLimits:
    return limits_on(load_board("stm32l4r5"), Limits(instructions=instructions))


def _explore(
    config: BuildConfig, dataset: Dataset, executor: Executor, run: Path, *, instructions: int = 8
) -> Explored:
    return explore(config, dataset, _limits(instructions), PLAN, cost_of=_StemCost, executor=executor, run=run)


@pytest.mark.usefixtures("hashed")
def test_one_worker_and_three_give_the_same(
    config: BuildConfig, dataset: Dataset, executor: Executor, tmp_path: Path
) -> None:
    with ThreadPoolExecutor(1) as one:
        alone = _explore(config, dataset, one, tmp_path / "one")
    together = _explore(config, dataset, executor, tmp_path / "three")
    assert alone == together
    assert [len(record.ranked) for record in alone.rungs] == [6, 3]
    assert all(each.cost.instructions <= 8 for each in alone.sieved.fitting)
    best = max(alone.rungs[-1].ranked, key=lambda pair: pair[1].score or 0)
    assert alone.rungs[-1].survivors == (best[0].candidate,)


@pytest.fixture
def hashed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Trainings are scores of hashes."""
    monkeypatch.setattr(Training, "__call__", _scored)


@pytest.mark.usefixtures("hashed")
def test_a_finished_search_trains_nothing_again(
    config: BuildConfig, dataset: Dataset, executor: Executor, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = _explore(config, dataset, executor, tmp_path)
    monkeypatch.setattr(Training, "__call__", None)
    assert _explore(config, dataset, executor, tmp_path) == first


@pytest.mark.usefixtures("hashed")
def test_a_run_with_another_search_is_refused(
    config: BuildConfig, dataset: Dataset, executor: Executor, tmp_path: Path
) -> None:
    _explore(config, dataset, executor, tmp_path)
    with pytest.raises(ConfigError, match="other settings, data or version"):
        _explore(config, dataset, executor, tmp_path, instructions=12)


def test_a_real_training_in_a_process(config: BuildConfig, dataset: Dataset, tmp_path: Path) -> None:
    plan = Plan("fast_u", beginners=1, most_draws=400, rungs=(Rung(epochs=1, survivors=1),))
    with LocalWorkers(1) as workers:
        explored = explore(config, dataset, _limits(4), plan, cost_of=_StemCost, executor=workers, run=tmp_path)
    results = [result for _, result in explored.rungs[0].ranked]
    stored = {file.stem for file in (tmp_path / "search" / "weights").iterdir()}
    assert {result.weights_sha256 for result in results} == stored
    assert len(stored) == 1
