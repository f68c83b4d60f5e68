"""Pools of a search that proposes candidates while it trains: what is proposed is added where it keeps the limits."""

from collections.abc import Mapping, Sequence

from edge_nas.costs import CostUnknownError
from edge_nas.search.brain import Trained
from edge_nas.search.limits import BoardLimits, Cost
from edge_nas.search.pool import Pool, Pooled, costs_on_cores, figures_of
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
        """Returns what a candidate takes, compared on one core for all boards; None: it keeps the limits of none."""
        kept = any(self._kept(candidate, limits) is not None for limits in self._limits)
        return self._compared(candidate) if kept else None

    def add(self, candidates: Sequence[Candidate]) -> None:
        """Adds candidates to the pools whose limits they keep."""
        pools = []
        for pool, limits in zip(self.pools, self._limits, strict=True):
            costs = ((candidate, self._kept(candidate, limits)) for candidate in candidates)
            added = [
                Pooled(candidate=candidate, cost=figures_of(cost)) for candidate, cost in costs if cost is not None
            ]
            pools.append(pool.model_copy(update={"fitting": (*pool.fitting, *added)}))
        self.pools = tuple(pools)

    def _kept(self, candidate: Candidate, limits: BoardLimits) -> Cost | None:
        """Returns what a candidate costs on a board; None: it does not keep the limits there, or nobody knows."""
        if limits.core not in self._costs:
            return None
        try:
            cost = self._costs[limits.core](candidate)
            return None if limits.exceeded(cost) else cost
        except CostUnknownError:
            return None

    def trained(self, candidates: Sequence[Candidate], results: Sequence[TrialResult]) -> list[Trained]:
        """Returns what came of candidates, with their costs."""
        return [
            Trained(candidate, self._compared(candidate), result.score)
            for candidate, result in zip(candidates, results, strict=True)
        ]

    def _compared(self, candidate: Candidate) -> int:
        """Returns what a candidate takes on the first core on which that is known."""
        known = costs_on_cores(candidate, self._costs)
        return next(cost for _, cost in known).instructions
