"""Half draws, half proposals: how many there are of each, in which pools they are, and what the brain is told."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from edge_nas.boards import load_board
from edge_nas.costs import CostUnknownError
from edge_nas.results.search import Figures
from edge_nas.search.brain import Brain, Trained
from edge_nas.search.learning import learnt_beginners
from edge_nas.search.limits import BoardLimits, Limits, limits_on
from edge_nas.search.pool import Pool, Pooled, stated
from edge_nas.search.space import Candidate, Signature, whole
from edge_nas.search.trial import TrialResult

SIGNATURE = Signature(input_shape=(8, 8, 1), outputs=1)
MEMORY = {"flash_bytes": 1, "ram_bytes": 1}


@dataclass(frozen=True)
class _Cost:
    instructions: int
    flash_bytes: int = 1
    ram_bytes: int = 1


def _candidate(number: int) -> Candidate:
    return Candidate(family="numbers", signature=SIGNATURE, decisions=(("number", number),))


def _number(candidate: Candidate) -> int:
    return whole(candidate.values, "number")


def _cost_of(candidate: Candidate) -> _Cost:
    if _number(candidate) == 999:
        raise CostUnknownError("kernel")
    return _Cost(_number(candidate))


class _Counting(Brain):
    """Proposes 100, 101, 102 ...; remembers what it was told."""

    def __init__(self, first: int = 100) -> None:
        super().__init__()
        self.told: list[list[Trained]] = []
        self._number = first

    def _next(self) -> Candidate:
        self._number += 1
        return _candidate(self._number - 1)

    def _learn(self, trained: Sequence[Trained]) -> None:
        self.told.append(list(trained))


def _limits(instructions: int) -> BoardLimits:
    return limits_on(load_board("stm32l4r5"), Limits(instructions=instructions))


def _pool(limits: BoardLimits, numbers: range) -> Pool:
    fitting = tuple(Pooled(candidate=_candidate(n), cost=Figures(instructions=n, **MEMORY)) for n in numbers)
    return Pool(board=limits.board, core=limits.core, limits=stated(limits), fitting=fitting)


def _train(batches: list[int]) -> Callable[[Sequence[Candidate]], list[TrialResult]]:
    def train(candidates: Sequence[Candidate]) -> list[TrialResult]:
        batches.append(len(candidates))
        return [TrialResult(key="k", score=_number(candidate) / 1000) for candidate in candidates]

    return train


def _learnt(
    brain: _Counting, limits: Sequence[BoardLimits], batches: list[int]
) -> tuple[tuple[Candidate, ...], tuple[Pool, ...]]:
    pools = [_pool(each, range(1, 30)) for each in limits]
    costs = {limits[0].core: _cost_of}
    return learnt_beginners(pools, limits, costs, brain=brain, count=20, train=_train(batches))


def test_half_are_draws_and_each_batch_learns_from_the_one_before() -> None:
    brain, batches = _Counting(), list[int]()
    candidates, pools = _learnt(brain, [_limits(1000)], batches)
    assert batches == [10, 3, 3, 3, 1]
    assert [len(told) for told in brain.told] == batches
    assert [_number(candidate) for candidate in candidates[10:]] == list(range(100, 110))
    assert all(each.score == each.instructions / 1000 for told in brain.told for each in told)
    assert [_number(each.candidate) for each in pools[0].fitting[-10:]] == list(range(100, 110))


def test_what_keeps_the_limits_of_one_board_is_in_its_pool_only() -> None:
    candidates, (small, large) = _learnt(_Counting(), [_limits(104), _limits(1000)], [])
    assert len(candidates) == 20
    assert [_number(each.candidate) for each in small.fitting[29:]] == [100, 101, 102, 103, 104]
    assert len(large.fitting) == 29 + 10


def test_without_proposals_the_draws_are_all() -> None:
    assert len(_learnt(_Counting(first=2000), [_limits(1000)], [])[0]) == 10


def test_an_unknown_cost_is_passed_over() -> None:
    candidates, _ = _learnt(_Counting(first=998), [_limits(2000)], [])
    assert [_number(candidate) for candidate in candidates[10:13]] == [998, 1000, 1001]
