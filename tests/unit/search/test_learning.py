"""Half draws, half proposals: how many there are of each, in which pools they are, and what the brain is told."""

from collections.abc import Callable, Sequence

from searchbrains import CountingBrain, cost_of, limits_to, number_of, numbered, pool_of, slower_cost_of

from edge_nas.search.growing import GrowingPools
from edge_nas.search.learning import learnt_beginners
from edge_nas.search.limits import BoardLimits
from edge_nas.search.pool import Pool
from edge_nas.search.space import Candidate
from edge_nas.search.trial import TrialResult


def _train(batches: list[int]) -> Callable[[Sequence[Candidate]], list[TrialResult]]:
    def train(candidates: Sequence[Candidate]) -> list[TrialResult]:
        batches.append(len(candidates))
        return [TrialResult(key="k", score=number_of(candidate) / 1000) for candidate in candidates]

    return train


def _learnt(
    brain: CountingBrain, limits: Sequence[BoardLimits], batches: list[int]
) -> tuple[tuple[Candidate, ...], tuple[Pool, ...]]:
    pools = [pool_of(each, range(1, 30)) for each in limits]
    costs = {limits[0].core: cost_of}
    return learnt_beginners(pools, limits, costs, brain=brain, count=20, train=_train(batches))


def test_half_are_draws_and_each_batch_learns_from_the_one_before() -> None:
    brain, batches = CountingBrain(), list[int]()
    candidates, pools = _learnt(brain, [limits_to(1000)], batches)
    assert batches == [10, 3, 3, 3, 1]
    assert [len(told) for told in brain.told] == batches
    assert [number_of(candidate) for candidate in candidates[10:]] == list(range(100, 110))
    assert all(each.score == each.instructions / 1000 for told in brain.told for each in told)
    assert [number_of(each.candidate) for each in pools[0].fitting[-10:]] == list(range(100, 110))


def test_what_keeps_the_limits_of_one_board_is_in_its_pool_only() -> None:
    candidates, (small, large) = _learnt(CountingBrain(), [limits_to(104), limits_to(1000)], [])
    assert len(candidates) == 20
    assert [number_of(each.candidate) for each in small.fitting[29:]] == [100, 101, 102, 103, 104]
    assert len(large.fitting) == 29 + 10


def test_networks_of_different_boards_are_compared_on_one_core() -> None:
    """Nothing of the second board's core, not even for what keeps the limits there only."""
    brain, limits = CountingBrain(), [limits_to(104), limits_to(9000, "rp2040")]
    costs = {limits[0].core: cost_of, limits[1].core: slower_cost_of}
    pools = [pool_of(each, range(1, 30)) for each in limits]
    candidates, (small, large) = learnt_beginners(pools, limits, costs, brain=brain, count=20, train=_train([]))
    assert len(costs) == 2
    assert (len(small.fitting), len(large.fitting)) == (29 + 5, 29 + 10)
    growing = GrowingPools(pools, limits, costs)
    assert [growing.instructions_of(numbered(number)) for number in (104, 900, 901)] == [104, 900, None]
    told = {each.candidate: each.instructions for batch in brain.told for each in batch}
    assert told == {candidate: number_of(candidate) for candidate in candidates}


def test_without_proposals_the_draws_are_all() -> None:
    assert len(_learnt(CountingBrain(first=2000), [limits_to(1000)], [])[0]) == 10


def test_an_unknown_cost_is_passed_over() -> None:
    candidates, _ = _learnt(CountingBrain(first=998), [limits_to(2000)], [])
    assert [number_of(candidate) for candidate in candidates[10:13]] == [998, 1000, 1001]
