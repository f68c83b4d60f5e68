"""The candidates that a search has to choose from: drawn for each board, within its limits, costs predicted.

A board whose core has no coefficients gets none of its own: costs are never guessed. What is found for other boards is
counted on it all the same.
"""

import math
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from itertools import zip_longest
from time import monotonic
from typing import TypeVar

from edge_nas.core.frozen import Frozen
from edge_nas.costs import CostUnknownError
from edge_nas.errors import ConfigError
from edge_nas.results.search import Draws, Figures, StatedLimit
from edge_nas.search.families.own_model import OwnModel, family_named
from edge_nas.search.front import pareto
from edge_nas.search.halving import Pair, by_score
from edge_nas.search.infeasible import InfeasibleError, of_families
from edge_nas.search.limits import BoardLimits, Cost, loosened
from edge_nas.search.sieve import CostedCandidate, CostOf, Sieved, require_feasible, sieve, starts
from edge_nas.search.space import FAMILIES, Candidate, Family, Signature

T = TypeVar("T")

POOL_FACTOR = 4
"""Candidates to choose from for each that is trained: those near a limit are the better ones, and few lie there."""
_NEAR_SHARE = 0.5
"""Of the chosen that lie nearest to the limit of instructions; the others are spread over all that fits."""


class Pooled(Frozen):
    """A candidate within the limits, and what its C is predicted to take on the pool's core."""

    candidate: Candidate
    cost: Figures


class Pool(Frozen):
    """What was drawn for a board; `problem` says why nothing was.

    The first of those that fit are no draws: `starts` is how many are networks that their families are known for.
    """

    board: str
    core: str
    limits: tuple[StatedLimit, ...]
    fitting: tuple[Pooled, ...] = ()
    starts: int = 0
    draws: tuple[Draws, ...] = ()
    problem: str | None = None

    @property
    def described(self) -> str:
        """What came of the draws in words."""
        if self.problem is not None:
            return f"{self.board}: {self.problem}"
        drawn = sum(each.drawn for each in self.draws)
        unknown = sum(each.unknown for each in self.draws)
        more = f", {unknown} have no known cost" if unknown else ""
        fitting = sum(each.fitting for each in self.draws)
        return f"{self.board}: {drawn} candidates costed, {fitting} taken{more}"


class Pools(Frozen):
    """What stands in the journal of the draws, a pool for each board."""

    pools: tuple[Pool, ...]


def stated(limits: BoardLimits) -> tuple[StatedLimit, ...]:
    """Returns limits as the story has them."""
    return tuple(StatedLimit(axis=each.axis, most=each.most, origin=each.origin) for each in limits.limits)


def families_for(
    signature: Signature, *, per_pixel: bool, names: Sequence[str], own: OwnModel | None = None
) -> tuple[Family, ...]:
    """Returns the families that have networks for a signature.

    Args:
        signature: what networks take and give.
        per_pixel: whether they answer for every pixel, or for a sample.
        names: of families to look at; none: all that are built in or registered. Those of installed packages are
            imported where they are named only.
        own: the user's own model, one more of them.

    Raises:
        ConfigError: a name is unknown, or no family is left; the message has the reasons.
    """
    looked_at = names or [name for name in FAMILIES if FAMILIES.not_imported(name) is None]
    if own is not None and own.name not in looked_at:
        looked_at = [*looked_at, own.name]
    families, reasons = [], []
    for name in looked_at:
        family = family_named(name, own)
        if family.per_pixel != per_pixel:
            reasons.append(f"family {name} answers for {'every pixel' if family.per_pixel else 'a sample'}")
            continue
        try:
            family.choices(signature)
        except ConfigError as error:
            reasons.append(str(error))
        else:
            families.append(family)
    if not families:
        raise ConfigError(
            f"search: no family has networks for samples {signature.input_shape}: {'; '.join(reasons)}; name others "
            "with search.families"
        )
    return tuple(families)


def draw_pool(
    limits: BoardLimits,
    families: Sequence[Family],
    signature: Signature,
    cost_of: CostOf | None,
    *,
    oversize: float = 1.0,
    wanted: int,
    most_draws: int,
    seed: int,
    sieve_s: float | None,
) -> Pool:
    """Returns the candidates of all families that keep the limits of a board.

    Args:
        limits: of the board.
        families: that are drawn from, each its share of `wanted`.
        signature: what networks take and give.
        cost_of: on the board's core; None: nobody has counted there.
        oversize: how many times the instructions or the time of the limits a candidate may take.
        wanted: candidates.
        most_draws: of each family.
        seed: of the draws.
        sieve_s: seconds that this may take, once something fits; None: any.

    Raises:
        InfeasibleError: no family can keep the limits.
        CostUnknownError: not one of the costs is known.
    """
    empty = Pool(board=limits.board, core=limits.core, limits=stated(limits))
    if cost_of is None:
        problem = f"no costs of {limits.core} were counted, so that none can be predicted"
        return empty.model_copy(update={"problem": problem})
    allowed = loosened(limits, oversize)
    known: list[tuple[CostedCandidate, ...]] = []
    fitting: list[CostedCandidate] = []
    draws: list[Draws] = []
    refusals: list[InfeasibleError] = []
    unknown: dict[str, CostUnknownError] = {}
    for family in families:
        until = None if sieve_s is None else monotonic() + sieve_s / len(families)
        try:
            require_feasible(family, signature, cost_of, limits)
            sieved = sieve(
                family,
                signature,
                cost_of,
                allowed,
                wanted=-(-wanted // len(families)),
                most_draws=most_draws,
                seed=seed,
                until=until,
            )
        except InfeasibleError as error:
            refusals.append(error)
            continue
        except CostUnknownError as error:
            unknown[family.name] = error
            continue
        known.append(starts(family, signature, cost_of, allowed))
        fitting += sieved.fitting
        draws.append(_draws_of(family, sieved))
    if not fitting:
        raise of_families(refusals, unknown) if refusals else next(iter(unknown.values()))
    # Families take turns: where few are trained, none is left out for another one's narrower forms.
    first = in_turns(known)
    costs = {each.candidate: each.cost for each in [*first, *fitting]}
    pooled = tuple(Pooled(candidate=candidate, cost=figures_of(cost)) for candidate, cost in costs.items())
    return empty.model_copy(update={"fitting": pooled, "starts": len(first), "draws": tuple(draws)})


def in_turns(sequences: Iterable[Sequence[T]]) -> list[T]:
    """Returns what is in all sequences: the first of each, then the second of each, and so on."""
    return [each for turn in zip_longest(*sequences) for each in turn if each is not None]


def _draws_of(family: Family, sieved: Sieved) -> Draws:
    """Returns what came of a family's draws as the story has it."""
    return Draws(
        family=family.name,
        drawn=sieved.drawn,
        fitting=len(sieved.fitting),
        exceeded={str(axis): count for axis, count in sieved.exceeded.items()},
        unknown=sieved.unknown,
        unknown_reason=sieved.unknown_reason,
    )


def chosen(pools: Iterable[Pool], count: int) -> tuple[Candidate, ...]:
    """Returns so many different candidates of all pools, in turns; fewer where there are no more.

    Known networks come first, and are half of them at most.
    """
    pools = tuple(pools)
    taken: dict[Candidate, None] = {}
    _take_in_turns(taken, [pool.fitting[: pool.starts] for pool in pools], count // 2)
    _take_in_turns(taken, [spread(pool.fitting[pool.starts :], count) for pool in pools], count)
    return tuple(taken)


def _take_in_turns(taken: dict[Candidate, None], offered: Sequence[Sequence[Pooled]], most: int) -> None:
    """Adds candidates that are not there, one of each sequence after the other, until there are so many."""
    queues = [iter(each) for each in offered]
    while queues and len(taken) < most:
        for queue in list(queues):
            pooled = next((each for each in queue if each.candidate not in taken), None)
            if pooled is None:
                queues.remove(queue)
            elif len(taken) < most:
                taken[pooled.candidate] = None


def spread(fitting: Sequence[Pooled], count: int) -> tuple[Pooled, ...]:
    """Returns up to so many: in turns one of those with the most instructions, and one from the whole range.

    The range is that of the logarithm: half of the instructions is as far away as twice as many. At even distances of
    rank hardly one would be cheap, since few draws are.
    """
    ordered = sorted(fitting, key=lambda each: (-each.cost.instructions, each.candidate.key))
    if len(ordered) <= count:
        return tuple(ordered)
    near = ordered[: max(1, round(_NEAR_SHARE * count))]
    even = _even(ordered[len(near) :], count - len(near))
    return tuple(in_turns([near, even]))


def _even(ordered: Sequence[Pooled], count: int) -> list[Pooled]:
    """Returns so many, from the cheapest up, each the nearest that is left to one of as many even steps."""
    left = list(ordered)
    least, most = (math.log(left[place].cost.instructions) for place in (-1, 0))
    taken: list[Pooled] = []
    for step in range(count):
        place = least + (most - least) * step / max(1, count - 1)
        distances = [abs(math.log(each.cost.instructions) - place) for each in left]
        taken.append(left.pop(distances.index(min(distances))))
    return taken


def costs_by_key(pools: Iterable[Pool]) -> dict[str, dict[str, Figures]]:
    """Returns the predicted costs by candidate and core."""
    costs: dict[str, dict[str, Figures]] = {}
    for pool in pools:
        for each in pool.fitting:
            costs.setdefault(each.candidate.key, {})[pool.core] = each.cost
    return costs


def costs_on_cores(candidate: Candidate, costs: Mapping[str, CostOf]) -> Iterator[tuple[str, Figures]]:
    """Yields cores and what a candidate is predicted to take there, in the order of `costs`, where that is known.

    Whether it keeps a board's limits there or not: the first is what networks of several boards are compared by, since
    instructions of different cores are no measure of each other. It is the same core for all but those with a kernel
    that was counted on others only.
    """
    for core, cost_of in costs.items():
        with suppress(CostUnknownError):
            yield core, figures_of(cost_of(candidate))


def known_keys(pools: Iterable[Pool]) -> frozenset[str]:
    """Returns the keys of the candidates that are known networks of their families."""
    return frozenset(each.candidate.key for pool in pools for each in pool.fitting[: pool.starts])


def by_stratum(
    ranked: Sequence[Pair],
    costs: Mapping[str, Mapping[str, Figures]],
    count: int,
    known: Collection[str] = (),
) -> tuple[Pair, ...]:
    """Returns trainings in the order in which they go on: first the best of each stratum of cost, then the best of all.

    Known networks go on before them, up to half of all: they are good when they are trained to the end, and a short
    training, in which what has more levels learns more slowly, says less than that. Strata are even in the logarithm
    of the instructions, as those are that are trained first, and there is one for every two that go on. By score alone
    only the most expensive networks would go on, and a front of one corner would be left.

    Args:
        ranked: best first.
        costs: by candidate and core.
        count: how many go on.
        known: the keys of known networks.
    """
    scored = [pair for pair in ranked if pair[1].score is not None]
    places = [math.log(_cost(pair, costs).instructions) for pair in scored]
    strata = -(-count // 2)
    width = (max(places, default=0.0) - min(places, default=0.0)) / strata or 1.0
    best: dict[int, Pair] = {}
    for pair, place in zip(scored, places, strict=True):
        best.setdefault(min(strata - 1, int((place - min(places)) / width)), pair)
    first = [pair for pair in scored if pair[0].candidate.key in known][: count // 2]
    ordered = {pair[0].key: pair for pair in (*first, *best.values(), *ranked)}
    return tuple(ordered.values())


def finalists(
    rungs: Sequence[Sequence[Pair]], costs: Mapping[str, Mapping[str, Figures]], count: int
) -> tuple[Pair, ...]:
    """Returns the trainings whose networks become firmware, each candidate by its longest one.

    First those that no other one beats in score and instructions, by whatever training; then all others of the last
    rung, for int8 changes who is best; then those that no other one beats once flash and RAM count as well.

    Args:
        rungs: from short to long, each best first.
        costs: by candidate and core.
        count: at most.
    """
    longest: dict[str, Pair] = {}
    for ranked in reversed(rungs):
        for pair in ranked:
            if pair[1].weights_sha256 is not None:
                longest.setdefault(pair[0].candidate.key, pair)
    trained = list(longest.values())
    merits = [_merits(pair, costs) for pair in trained]
    last = {pair[0].candidate.key for pair in rungs[-1]}
    ordered = by_score(trained[place] for place in pareto([each[:2] for each in merits]))
    ordered += by_score(pair for pair in trained if pair[0].candidate.key in last)
    ordered += by_score(trained[place] for place in pareto(merits))
    return tuple({pair[0].key: pair for pair in ordered}.values())[:count]


def _cost(pair: Pair, costs: Mapping[str, Mapping[str, Figures]]) -> Figures:
    """Returns what a network is predicted to take on the first core for which that is known."""
    return next(iter(costs[pair[0].candidate.key].values()))


def _merits(pair: Pair, costs: Mapping[str, Mapping[str, Figures]]) -> tuple[float, ...]:
    """Returns what counts, more being better."""
    cost, score = _cost(pair, costs), pair[1].score
    score = float("-inf") if score is None else score
    return (score, -cost.instructions, -cost.flash_bytes, -cost.ram_bytes)


def figures_of(cost: Cost) -> Figures:
    """Returns a cost as the story has it."""
    return Figures(instructions=cost.instructions, flash_bytes=cost.flash_bytes, ram_bytes=cost.ram_bytes)
