"""The candidates of a search that learns: half are drawn, and each batch after them is proposed from what is known.

A brain is told the scores of the first rung, which throw out the bad and do not rank the good; that is enough to leave
bad regions alone. Everybody, draws and proposals, then takes part in the halving.
"""

from collections.abc import Callable, Mapping, Sequence

from edge_nas.search.brain import Brain
from edge_nas.search.growing import GrowingPools
from edge_nas.search.limits import BoardLimits
from edge_nas.search.pool import Pool, chosen
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
    growing = GrowingPools(pools, limits, costs)
    candidates = list(chosen(pools, count - count // 2))
    brain.learn(growing.trained(candidates, train(candidates)))
    size = -(-(count // 2) // _BATCHES)
    while len(candidates) < count:
        batch = brain.propose(min(size, count - len(candidates)), growing.instructions_of)
        if not batch:
            break
        growing.add(batch)
        brain.learn(growing.trained(batch, train(batch)))
        candidates += batch
    return tuple(candidates), growing.pools
