"""Successive halving over scores that are known."""

from collections.abc import Sequence

import pytest
from searchtrials import number_of, score_of, trial

from edge_nas.errors import InputError
from edge_nas.search.halving import Rung, RungRecord, halve
from edge_nas.search.space import Candidate
from edge_nas.search.trial import Trial, TrialResult

CANDIDATES = [trial(number).candidate for number in range(8)]


def _halve(candidates: Sequence[Candidate], scores: dict[int, dict[int, float | None]]) -> tuple[RungRecord, ...]:
    """Halving of 3 of all after 1 epoch, 1 after 4; `scores` by epochs and number."""

    def run(trials: Sequence[Trial]) -> list[TrialResult]:
        return [
            TrialResult(key=each.key, score=scores[each.epochs].get(number_of(each), 0.0), reason="NaN")
            for each in trials
        ]

    rungs = (Rung(epochs=1, survivors=3), Rung(epochs=4, survivors=1))
    return halve(
        candidates,
        rungs,
        trial_of=lambda candidate, epochs: trial(int(candidate.values["number"]), epochs),
        run=run,
    )


def _numbers(record: RungRecord) -> list[int]:
    return [int(candidate.values["number"]) for candidate in record.survivors]


def test_the_best_go_on_and_the_longer_training_decides() -> None:
    first, second = _halve(CANDIDATES, {1: {5: 0.9, 2: 0.8, 7: 0.7, 1: 0.6}, 4: {2: 0.9, 5: 0.8, 1: 1.0}})
    assert _numbers(first) == [5, 2, 7]
    # 1 would have won, had it been trained on.
    assert _numbers(second) == [2]
    assert len(first.ranked) == 8
    assert len(second.ranked) == 3


def test_the_order_of_candidates_decides_nothing() -> None:
    equal: dict[int, dict[int, float | None]] = {1: {}, 4: {}}
    assert _numbers(_halve(CANDIDATES, equal)[-1]) == _numbers(_halve(CANDIDATES[::-1], equal)[-1])


def test_who_has_no_score_does_not_go_on() -> None:
    nothing: dict[int, float | None] = dict.fromkeys(range(8))
    first, _ = _halve(CANDIDATES, {1: nothing | {3: 0.1}, 4: {3: 0.2}})
    assert _numbers(first) == [3]


def test_without_any_score_the_reason_is_told() -> None:
    with pytest.raises(InputError, match="none of 8 trainings of 1 epochs has a score: NaN"):
        _halve(CANDIDATES, {1: dict.fromkeys(range(8)), 4: {}})


def test_scores_of_the_test_differ() -> None:
    assert len({score_of(trial(number)).score for number in range(8)}) == 8
