"""The candidates of a search that learns: half are drawn, and each batch after them is proposed from what is known.

A brain is told the scores of the first rung, which throw out the bad and do not rank the good; that is enough to leave
bad regions alone. Everybody, draws and proposals, then takes part in the halving.
"""

from collections.abc import Callable, Mapping, Sequence

from edge_nas.costs import CostUnknownError
from edge_nas.search.brain import Brain, Trained
from edge_nas.search.limits import BoardLimits
from edge_nas.search.pool import Pool, Pooled, chosen, costs_by_key, figures_of
from edge_nas.search.sieve import CostOf
from edge_nas.search.space import Candidate
from edge_nas.search.trial import TrialResult

_BATCHES = 4
"""Of proposals: each learns from the one before, and while one ends some workers wait."""

Train = Callable[[Sequence[Candidate]], Sequence[TrialResult]]
"""Trains candidates for as long as the first rung says; results in their order."""


def learnt_beginners(
    pools: Sequence[Pool],
    limits: Sequence[BoardLimits],
    costs: Mapping[str, CostOf],
    *,
    brain: Brain,
    count: int,
    train: Train,
) -> tuple[tuple[Candidate, ...], tuple[Pool, ...]]:
    """Returns so many candidates, and the pools with those of them that were proposed; fewer where a brain has no more.

    Args:
        pools: what was drawn, for each board.
        limits: of each board, in the order of the pools.
        costs: by core, of the cores whose costs are known.
        brain: proposes.
        count: candidates in all.
        train: the first rung.
    """
    growing = _Growing(pools, limits, costs)
    candidates = list(chosen(pools, count - count // 2))
    brain.learn(growing.trained(candidates, train(candidates)))
    size = -(-(count // 2) // _BATCHES)
    while len(candidates) < count:
        batch = brain.propose(min(size, count - len(candidates)), growing.instructions_of)
        if not batch:
            break
        brain.learn(growing.trained(batch, train(batch)))
        candidates += batch
    return tuple(candidates), growing.pools


class _Growing:
    """Pools to which what is proposed is added, on every board whose limits it keeps."""

    def __init__(self, pools: Sequence[Pool], limits: Sequence[BoardLimits], costs: Mapping[str, CostOf]) -> None:
        self.pools = tuple(pools)
        self._limits, self._costs = limits, costs

    def instructions_of(self, candidate: Candidate) -> int | None:
        """Returns what a candidate costs on the first board whose limits it keeps, and adds it to those pools."""
        pools = []
        instructions: int | None = None
        for pool, limits in zip(self.pools, self._limits, strict=True):
            added = pool
            if limits.core in self._costs:
                try:
                    cost = self._costs[limits.core](candidate)
                except CostUnknownError:
                    pools.append(pool)
                    continue
                if not limits.exceeded(cost):
                    pooled = Pooled(candidate=candidate, cost=figures_of(cost))
                    added = pool.model_copy(update={"fitting": (*pool.fitting, pooled)})
                    instructions = cost.instructions if instructions is None else instructions
            pools.append(added)
        self.pools = tuple(pools)
        return instructions

    def trained(self, candidates: Sequence[Candidate], results: Sequence[TrialResult]) -> list[Trained]:
        """Returns what came of candidates, with their costs."""
        costs = costs_by_key(self.pools)
        return [
            Trained(candidate, next(iter(costs[candidate.key].values())).instructions, result.score)
            for candidate, result in zip(candidates, results, strict=True)
        ]
