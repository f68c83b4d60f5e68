"""Mutants of the best, trained to the end: how many, what the brain knows, and where they stand afterwards."""

from collections.abc import Sequence

import pytest
from searchbrains import CountingBrain, cost_of, limits_to, number_of, numbered, pool_of

from edge_nas.search.halving import Pair, Rung, RungRecord
from edge_nas.search.pool import Pool
from edge_nas.search.refining import refined
from edge_nas.search.space import Candidate
from edge_nas.search.trial import Trial, TrialResult


def _pair(candidate: Candidate, score: float | None = None) -> Pair:
    """A training whose score is the candidate's number in thousandths, unless it is given."""
    trial = Trial(candidate=candidate, epochs=9, recipe_sha256="r", data_sha256="d", seed=0)
    return trial, TrialResult(key=trial.key, score=number_of(candidate) / 1000 if score is None else score)


RUNGS = (
    RungRecord(Rung(epochs=1, survivors=2), tuple(_pair(numbered(n)) for n in (9, 8, 7))),
    RungRecord(Rung(epochs=9, survivors=2), tuple(_pair(numbered(n)) for n in (9, 8))),
)


def _refined(brain: CountingBrain, count: int, batches: list[int]) -> tuple[RungRecord, tuple[Pool, ...]]:
    def train(candidates: Sequence[Candidate]) -> list[Pair]:
        batches.append(len(candidates))
        return [_pair(candidate) for candidate in candidates]

    limits = limits_to(104)
    rungs, pools = refined(
        RUNGS, [pool_of(limits, range(1, 30))], [limits], {limits.core: cost_of}, brain=brain, count=count, train=train
    )
    assert rungs[0] is RUNGS[0]
    return rungs[1], pools


def test_each_batch_learns_from_the_one_before() -> None:
    brain, batches = CountingBrain(first=90), list[int]()
    last, (pool,) = _refined(brain, 10, batches)
    assert batches == [4, 4, 2]
    # Those that ended on an earlier rung, without a score there; those of the last rung; each batch.
    assert [[number_of(each.candidate) for each in told] for told in brain.told] == [
        [7], [9, 8], [90, 91, 92, 93], [94, 95, 96, 97], [98, 99]
    ]  # fmt: skip
    assert [each.score for each in brain.told[0]] == [None]
    assert last.mutants == 10
    assert {number_of(trial.candidate) for trial, _ in last.ranked} == {8, 9, *range(90, 100)}
    assert number_of(last.ranked[0][0].candidate) == 99
    assert [number_of(each.candidate) for each in pool.fitting[-10:]] == list(range(90, 100))


def test_what_is_known_or_over_the_limit_is_not_trained_again() -> None:
    # 7, 8 and 9 are known, all from 105 up are over the limit.
    last, _ = _refined(CountingBrain(first=6), 2, [])
    assert {number_of(trial.candidate) for trial, _ in last.ranked} == {8, 9, 6, 10}
    last, _ = _refined(CountingBrain(first=103), 10, [])
    assert last.mutants == 2


def test_a_last_rung_without_proposals_stays_as_it_is() -> None:
    last, _ = _refined(CountingBrain(first=2000), 10, [])
    assert last == RUNGS[1]


@pytest.mark.parametrize("count", [1, 4, 5])
def test_so_many_as_are_asked_for(count: int) -> None:
    last, _ = _refined(CountingBrain(first=50), count, [])
    assert last.mutants == count
