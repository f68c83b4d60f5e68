"""Which candidates a search tries: draws within the limits, what a brain proposes beside them, mutants of the best."""

import functools
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from edge_nas.core.config import BuildConfig
from edge_nas.costs import CostUnknownError, known_cores
from edge_nas.errors import ConfigError
from edge_nas.results.search import Figures
from edge_nas.runs.progress import Progress
from edge_nas.search.brain import Brain, BrainName, brain_of
from edge_nas.search.costing import predicted_on
from edge_nas.search.halving import Pair, RungRecord
from edge_nas.search.infeasible import InfeasibleError, of_boards
from edge_nas.search.learning import learnt_beginners
from edge_nas.search.limits import BoardLimits, loosened, room
from edge_nas.search.planning import MOST_BEGINNERS, SIEVE_SHARE, SearchPlan
from edge_nas.search.pool import (
    POOL_FACTOR,
    Pool,
    Pooled,
    chosen,
    costs_on_cores,
    draw_pool,
    families_for,
    figures_of,
    in_turns,
    stated,
)
from edge_nas.search.refining import refined
from edge_nas.search.request import Boards
from edge_nas.search.sieve import CostOf, narrowed_within
from edge_nas.search.space import Candidate, Family, Signature
from edge_nas.search.training import Training, signature_of
from edge_nas.search.trial import Trial, TrialResult

if TYPE_CHECKING:
    from edge_nas.data.dataset import Dataset

Train = Callable[[Sequence[Trial]], Sequence[TrialResult]]
"""Runs trials of one length; results in their order."""


@dataclass(frozen=True)
class Candidates:
    """Where the candidates of one search come from.

    Attributes:
        config: its settings.
        dataset: what is trained on.
        boards: with limits and time.
        training: how candidates are trained.
        plan: how much is tried; None: that is not known yet.
    """

    config: BuildConfig
    dataset: "Dataset"
    boards: Boards
    training: Training
    plan: SearchPlan | None = None

    def planned(self, plan: SearchPlan, pools: Sequence[Pool]) -> tuple["Candidates", tuple[Pool, ...]]:
        """Returns where candidates come from under a plan, and of what was drawn before it what that can use.

        Where it narrows nothing, what is over the limits would be trained for nothing: as many as the plan can choose
        from are made narrower until they keep them.

        Raises:
            InfeasibleError: none of them can be.
        """
        planned = replace(self, plan=plan)
        vars(planned)["_costs"] = self._costs  # with what is known of the draws by now
        if planned._oversize == self._oversize:
            return planned, tuple(pools)
        most = POOL_FACTOR * plan.beginners
        within = tuple(self._within(pool, limits, most) for pool, limits in zip(pools, self.boards.limits, strict=True))
        if not any(pool.fitting for pool in within):
            told = "; ".join(limits.board for limits in self.boards.limits)
            raise InfeasibleError(
                f"search: no candidate that was drawn keeps the limits on {told} when all of its widths are made "
                "narrower, and the time is too short for narrowing trained ones",
                "allow more, or name a longer --time",
            )
        return planned, within

    def _within(self, pool: Pool, limits: BoardLimits, most: int) -> Pool:
        """Returns a pool of up to so many candidates that keep the limits, of those of another one or narrower ones."""
        if not pool.fitting:
            return pool
        families = {family.name: family for family in self._families(signature_of(self.dataset))}
        found: dict[Candidate, Pooled] = {}
        starts = 0
        # Families take turns here too: one alone would fill what a small plan can choose from.
        drawn = [[each for each in pool.fitting[pool.starts :] if each.candidate.family == name] for name in families]
        for place, pooled in enumerate([*pool.fitting[: pool.starts], *in_turns(drawn)]):
            kept = narrowed_within(families[pooled.candidate.family], pooled.candidate, self._costs[pool.core], limits)
            if kept is not None and kept.candidate not in found:
                found[kept.candidate] = Pooled(candidate=kept.candidate, cost=figures_of(kept.cost))
                starts += place < pool.starts
            if len(found) >= most:
                break
        return pool.model_copy(update={"fitting": tuple(found.values()), "starts": starts})

    def rooms(self, candidate: Candidate) -> dict[int, float]:
        """Returns by which factor the instructions of a candidate may grow on each board, by its place.

        Below 1 it is too slow there. A board is left out where what the candidate takes is not known.
        """
        rooms: dict[int, float] = {}
        for place, limits in enumerate(self.boards.limits):
            if limits.core in self._costs:
                with suppress(CostUnknownError):
                    rooms[place] = room(limits, self._costs[limits.core](candidate))
        return rooms

    def costs(self, candidates: Iterable[Candidate]) -> dict[str, dict[str, Figures]]:
        """Returns what candidates are predicted to take, by key and core, the core of the first board first."""
        return {candidate.key: dict(costs_on_cores(candidate, self._costs)) for candidate in candidates}

    def structure(self, candidate: Candidate) -> str:
        """Returns what a candidate is beside its widths, see `Family.structure`."""
        families = {family.name: family for family in self._families(candidate.signature)}
        return families[candidate.family].structure(candidate)

    def drawn(self, progress: Progress) -> tuple[Pool, ...]:
        """Returns a pool for each board.

        Raises:
            InfeasibleError: no network can keep the limits of any board.
            CostUnknownError: not one of the costs is known on any board.
            ConfigError: no board has a core whose costs are known.
        """
        spec, seconds = self.config.search, self.boards.time_s
        signature = signature_of(self.dataset)
        families = self._families(signature)
        # How many are trained is planned later, where time is limited.
        beginners = spec.beginners if seconds is None else MOST_BEGINNERS
        if self.boards.plan is not None:
            beginners = self.boards.plan.beginners
        pools: list[Pool] = []
        refusals: list[InfeasibleError] = []
        unknown: list[CostUnknownError] = []
        for place, limits in enumerate(self.boards.limits):
            progress.tick(f"candidates for {limits.board}", place, len(self.boards.limits))
            try:
                pool = draw_pool(
                    limits,
                    families,
                    signature,
                    self._costs.get(limits.core),
                    oversize=self._oversize,
                    wanted=POOL_FACTOR * beginners,
                    most_draws=spec.draws,
                    seed=self.config.seed,
                    sieve_s=None if seconds is None else SIEVE_SHARE * seconds / len(self.boards.limits),
                )
            except InfeasibleError as error:
                refusals.append(error)
                pool = Pool(board=limits.board, core=limits.core, limits=stated(limits), problem=str(error))
            except CostUnknownError as error:
                unknown.append(error)
                pool = Pool(board=limits.board, core=limits.core, limits=stated(limits), problem=str(error))
            pools.append(pool)
        if any(pool.fitting for pool in pools):
            return tuple(pools)
        if refusals:
            raise of_boards(refusals)
        raise unknown[0] if unknown else ConfigError(f"search: {pools[0].problem}; name another --board")

    def beginners(
        self, pools: tuple[Pool, ...], plan: SearchPlan, train: Train
    ) -> tuple[tuple[Candidate, ...], tuple[Pool, ...]]:
        """Returns who is trained, draws or what learns from them, and the pools with what was proposed."""
        spec = self.config.search
        if spec.brain == "random":
            return chosen(pools, plan.beginners), pools
        epochs = plan.rungs[0].epochs
        return learnt_beginners(
            pools,
            [loosened(limits, self._oversize) for limits in self.boards.limits],
            self._costs,
            brain=self._brain(spec.brain),
            count=plan.beginners,
            train=lambda candidates: train([self.trial(candidate, epochs) for candidate in candidates]),
        )

    def with_mutants(
        self,
        rungs: tuple[RungRecord, ...],
        pools: tuple[Pool, ...],
        count: int,
        train: Train,
    ) -> tuple[tuple[RungRecord, ...], tuple[Pool, ...]]:
        """Returns the rungs, the last one with so many mutants of the best, and the pools with those."""
        if not count:
            return rungs, pools

        def trained(candidates: Sequence[Candidate]) -> list[Pair]:
            trials = [self.trial(candidate, rungs[-1].rung.epochs) for candidate in candidates]
            return list(zip(trials, train(trials), strict=True))

        return refined(
            rungs,
            pools,
            [loosened(limits, self._oversize) for limits in self.boards.limits],
            self._costs,
            brain=self._brain("evolution"),
            count=count,
            train=trained,
        )

    def trial(self, candidate: Candidate, epochs: int) -> Trial:
        """Returns the training of a candidate for so many epochs."""
        return self.training.trial(self.dataset.sha256, candidate, epochs=epochs)

    def _families(self, signature: Signature) -> tuple[Family, ...]:
        per_pixel, names = self.dataset.task.has_masks, self.config.search.families
        return families_for(signature, per_pixel=per_pixel, names=names, own=self.training.own)

    def _brain(self, name: BrainName) -> Brain:
        signature = signature_of(self.dataset)
        return brain_of(name, self._families(signature), signature, self.config.seed)

    @property
    def _oversize(self) -> float:
        """By how much what is trained may be slower than the limits allow: not at all where nothing is narrowed."""
        spec, plan = self.config.search, self.plan or self.boards.plan
        narrowed = spec.narrowed if plan is None else plan.narrowed
        return spec.oversize if narrowed else 1.0

    @functools.cached_property
    def _costs(self) -> dict[str, CostOf]:
        """What candidates cost on the boards' cores, in the order of the boards, of those whose costs are known."""
        cores = dict.fromkeys(limits.core for limits in self.boards.limits if limits.core in known_cores())
        scheme = self.config.quantize.scheme
        return {core: functools.cache(predicted_on(core, scheme, self.training.own)) for core in cores}
