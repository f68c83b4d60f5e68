"""Pools of a search that proposes candidates while it trains: what is proposed is added where it keeps the limits."""

from collections.abc import Mapping, Sequence

from edge_nas.costs import CostUnknownError
from edge_nas.search.brain import Trained
from edge_nas.search.limits import BoardLimits
from edge_nas.search.pool import Pool, Pooled, costs_by_key, figures_of
from edge_nas.search.sieve import CostOf
from edge_nas.search.space import Candidate
from edge_nas.search.trial import TrialResult


class GrowingPools:
    """Pools to which what is proposed is added, on every board whose limits it keeps.

    Attributes:
        pools: for each board, with what was added.
    """

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
                    is_over = bool(limits.exceeded(cost))
                except CostUnknownError:
                    pools.append(pool)
                    continue
                if not is_over:
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
