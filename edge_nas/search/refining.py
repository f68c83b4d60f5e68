"""What a search does with the time that halving leaves: mutants of the best, trained for as long as the best were.

A short training throws out the bad and does not rank the good; among the good, what decides is a whole training. So a
mutant, which differs in one choice from a network that no other one beats, begins at the last rung.
"""

from collections.abc import Callable, Mapping, Sequence

from edge_nas.search.brain import Brain, Trained
from edge_nas.search.growing import GrowingPools
from edge_nas.search.halving import Pair, RungRecord, by_score
from edge_nas.search.limits import BoardLimits
from edge_nas.search.pool import Pool, by_stratum, costs_on_cores
from edge_nas.search.sieve import CostOf
from edge_nas.search.space import Candidate

BATCH = 4
"""Mutants that are proposed at once. Whatever number of workers there is, so that all of them find the same; a batch of
more learns less often, one of fewer leaves workers idle."""

TrainPairs = Callable[[Sequence[Candidate]], Sequence[Pair]]
"""Trains candidates for as long as the last rung says; pairs in their order."""


def refined(
    rungs: Sequence[RungRecord],
    pools: Sequence[Pool],
    limits: Sequence[BoardLimits],
    costs: Mapping[str, CostOf],
    *,
    brain: Brain,
    count: int,
    train: TrainPairs,
) -> tuple[tuple[RungRecord, ...], tuple[Pool, ...]]:
    """Returns the rungs, the last one with up to `count` trainings more, and the pools with those candidates.

    Args:
        rungs: of the halving; who ended on an earlier one is not tried again.
        pools: what was drawn, for each board.
        limits: of each board, in the order of the pools.
        costs: by core, of the cores whose costs are known.
        brain: proposes.
        count: of trainings, at most: a brain can have no more.
        train: the last rung.
    """
    growing = GrowingPools(pools, limits, costs)
    pairs = list(rungs[-1].ranked)
    thrown_out = {trial.candidate for record in rungs[:-1] for trial, _ in record.ranked}
    thrown_out -= {trial.candidate for trial, _ in pairs}
    in_order = sorted(thrown_out, key=lambda candidate: candidate.key)
    brain.learn([Trained(candidate, 0, None) for candidate in in_order])
    brain.learn(_trained(growing, pairs))
    most = len(pairs) + count
    while len(pairs) < most:
        batch = brain.propose(min(BATCH, most - len(pairs)), growing.instructions_of)
        if not batch:
            break
        growing.add(batch)
        latest = list(train(batch))
        brain.learn(_trained(growing, latest))
        pairs += latest
    compared = {trial.candidate.key: dict(costs_on_cores(trial.candidate, costs)) for trial, _ in pairs}
    ranked = by_stratum(by_score(pairs), compared, rungs[-1].rung.survivors)
    last = RungRecord(rungs[-1].rung, ranked, mutants=len(pairs) - len(rungs[-1].ranked))
    return (*rungs[:-1], last), growing.pools


def _trained(growing: GrowingPools, pairs: Sequence[Pair]) -> list[Trained]:
    return growing.trained([trial.candidate for trial, _ in pairs], [result for _, result in pairs])
