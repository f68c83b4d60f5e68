"""Candidates whose C keeps the limits of a board, before anything is trained.

Costs are known without running a network; so thousands are drawn, and those over a limit made narrower until they keep
it, or thrown out. Where none is left the error says what the least is that the family can reach along the limit. A
candidate with a kernel whose cost was never counted is neither taken nor thrown out for a limit: it is counted apart,
with the reason.
"""

import itertools
import math
import random
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from time import monotonic
from types import MappingProxyType

from edge_nas.core.interrupts import look
from edge_nas.costs import CostUnknownError
from edge_nas.search.infeasible import InfeasibleError, out_of_reach, reach
from edge_nas.search.limits import BoardLimits, Cost, Limit
from edge_nas.search.space import Candidate, Family, Signature

STARTS = 4
"""Networks of a family that are known to be good, where a search begins: from the limit down to an eighth of it."""

CostOf = Callable[[Candidate], Cost]
"""What a candidate's C costs on the board's core; raises where that is not known, and never guesses."""


@dataclass(frozen=True)
class CostedCandidate:
    """A candidate and what its C costs."""

    candidate: Candidate
    cost: Cost


@dataclass(frozen=True)
class Sieved:
    """What a sieve left over.

    Attributes:
        fitting: candidates that keep every limit, in the order in which they were drawn; no two are equal.
        drawn: how many different ones were costed.
        exceeded: per axis how many of them were over its limit; one can be over several.
        unknown: how many different ones beside them have a cost that is not known.
        unknown_reason: of the first of those; None where there are none.
    """

    fitting: tuple[CostedCandidate, ...]
    drawn: int
    exceeded: Mapping[str, int]
    unknown: int = 0
    unknown_reason: str | None = None


def sieve(
    family: Family,
    signature: Signature,
    cost_of: CostOf,
    limits: BoardLimits,
    *,
    wanted: int,
    most_draws: int,
    seed: int,
    until: float | None = None,
) -> Sieved:
    """Returns the first candidates that keep every limit: `wanted` of them, or fewer where draws or time run out.

    Args:
        family: what is drawn from.
        signature: what the networks take and give.
        cost_of: costs on the core of `limits`.
        limits: of one board.
        wanted: candidates, 1 at least.
        most_draws: draws, those of a candidate that was there before included: a small family is soon drawn empty.
        seed: of the draws.
        until: the monotonic time after which no more are drawn, once one keeps the limits; None: any.

    Raises:
        InfeasibleError: none of them keeps the limits.
        CostUnknownError: not one of the costs is known.
        ConfigError: the family has no network for the signature.
    """
    generator = random.Random(seed)
    known: dict[Candidate, Cost] = {}
    fitting: list[CostedCandidate] = []
    exceeded: Counter[str] = Counter()
    unknown: dict[Candidate, CostUnknownError] = {}
    for _ in range(most_draws):
        look()
        if fitting and until is not None and monotonic() > until:
            break
        for candidate in _narrower(family, family.regular(signature, generator)):
            if candidate in known or candidate in unknown:
                break
            try:
                cost = cost_of(candidate)
                over = limits.exceeded(cost)
            except CostUnknownError as error:
                unknown[candidate] = error
                break
            known[candidate] = cost
            exceeded.update(limit.axis for limit in over)
            if not over:
                fitting.append(CostedCandidate(candidate, cost))
                break
        if len(fitting) == wanted:
            break
    first = next(iter(unknown.values()), None)
    if first is not None and not known:
        raise first
    if not fitting:
        raise _infeasible(family, cost_of, limits, known)
    reason = None if first is None else str(first)
    return Sieved(tuple(fitting), len(known), MappingProxyType(dict(exceeded)), len(unknown), reason)


def starts(family: Family, signature: Signature, cost_of: CostOf, limits: BoardLimits) -> tuple[CostedCandidate, ...]:
    """Returns the networks that a family is known for, each as wide as the limits allow, and of half the cost and less.

    Those whose cost is not known are left out.

    Args:
        family: whose networks.
        signature: what they take and give.
        cost_of: costs on the core of `limits`.
        limits: of one board.
    """
    found: dict[Candidate, Cost] = {}
    for known in family.known(signature):
        # Every width at its greatest first.
        longest = max((len(choice.values) for choice in family.choices(signature)), default=1)
        versions = dict.fromkeys(family.scaled(known, steps) for steps in range(longest, -longest - 1, -1))
        most = math.inf
        for version in versions:
            try:
                cost = cost_of(version)
                fits = not limits.exceeded(cost)
            except CostUnknownError:
                continue
            if fits and cost.instructions <= most and len(found) < STARTS:
                found[version] = cost
                most = cost.instructions / 2
    return tuple(CostedCandidate(candidate, cost) for candidate, cost in found.items())


def narrowed_within(
    family: Family, candidate: Candidate, cost_of: CostOf, limits: BoardLimits
) -> CostedCandidate | None:
    """Returns a candidate, made no narrower than it has to be to keep the limits; None: it cannot, or nobody knows."""
    for narrower in _narrower(family, candidate):
        try:
            cost = cost_of(narrower)
            if not limits.exceeded(cost):
                return CostedCandidate(narrower, cost)
        except CostUnknownError:
            return None
    return None


def _narrower(family: Family, candidate: Candidate) -> Iterator[Candidate]:
    """Yields a candidate, and it with ever narrower layers.

    What is over a limit is not thrown out at once: else those that are left near a low limit would be shallow, coarse
    and without skips, because those are cheap.
    """
    before = None
    for steps in itertools.count():
        narrower = family.scaled(candidate, -steps)
        if narrower == before:
            return
        yield narrower
        before = narrower


def require_feasible(family: Family, signature: Signature, cost_of: CostOf, limits: BoardLimits) -> None:
    """Refuses limits that the family cannot reach, before anything is drawn: from its smallest candidate downwards.

    Raises:
        InfeasibleError: a limit is below the least that is reachable; the message has both.
        ConfigError: the family has no network for the signature.
    """
    smallest = family.smallest(signature)
    beyond: dict[Limit, int] = {}
    for limit in limits.limits:
        try:
            if limit.along(cost_of(smallest)) <= limit.most:
                continue
            least = least_reachable(family, cost_of, limit, smallest)
        except CostUnknownError:
            continue  # the draws say what is known
        if least > limit.most:
            beyond[limit] = least
    if beyond:
        raise out_of_reach(limits.board, [family.name], beyond)


def least_reachable(family: Family, cost_of: CostOf, limit: Limit, start: Candidate) -> int:
    """Returns the least of what is limited that is reached from a candidate by cheaper neighbours, one after another.

    No neighbour of where it ends is known to be cheaper. Costs that grow with every choice have no other such place.

    Raises:
        CostUnknownError: the cost of the start is not known.
    """
    best, least = start, limit.along(cost_of(start))
    descending = True
    while descending:
        descending = False
        for neighbour in family.neighbours(best):
            try:
                cost = limit.along(cost_of(neighbour))
            except CostUnknownError:
                continue
            if cost < least:
                best, least, descending = neighbour, cost, True
                break
    return least


def _infeasible(
    family: Family, cost_of: CostOf, limits: BoardLimits, known: Mapping[Candidate, Cost]
) -> InfeasibleError:
    """Returns the error that names the limits out of reach; where each is within reach alone, it says that."""
    least = {}
    for limit in limits.limits:
        cheapest = min(known, key=lambda candidate, limit=limit: limit.along(known[candidate]))  # type: ignore[misc]
        least[limit] = least_reachable(family, cost_of, limit, cheapest)
    beyond = {limit: value for limit, value in least.items() if value > limit.most}
    if beyond:
        return out_of_reach(limits.board, [family.name], beyond)
    told = "; ".join(reach(limit, value) for limit, value in least.items())
    return InfeasibleError(
        f"none of {len(known)} networks of family {family.name} keeps all limits on {limits.board} together, though "
        f"each can be kept alone: {told}",
        "allow more of one, or draw more candidates",
        board=limits.board,
        families=[family.name],
    )
