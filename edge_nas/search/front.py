"""Which finished networks are worth having on a board: those that keep its limits and that no other one beats.

A network is beaten by one that is as good in its score and in every cost, and better in one of them. Counted costs
decide, not predicted ones: a limit that the counted firmware breaks drops the network.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from edge_nas.boards import Board
from edge_nas.search.final import CountedCost, FinalResult
from edge_nas.search.finalist import Finalist
from edge_nas.search.limits import AXES, TIME, BoardLimits, cost_along


@dataclass(frozen=True)
class Standing:
    """A finished network on a board: what its C costs there, and why it is not on the front; None: it is."""

    result: FinalResult
    cost: CountedCost | None
    why_not: str | None

    @property
    def instructions(self) -> int:
        """Of one inference; 0 where they were not counted."""
        return 0 if self.cost is None else self.cost.instructions


def standings(
    board: Board,
    limits: BoardLimits,
    results: Sequence[FinalResult],
    doubts: Mapping[int, tuple[str, Sequence[int]]] = MappingProxyType({}),
) -> tuple[Standing, ...]:
    """Returns where each network stands on a board, in the order of the results.

    Args:
        board: with its memories.
        limits: of the search on it.
        results: of the finals.
        doubts: by the place of a result, why its score is the luck of a seed, and the places of those that are better.
            Where none of them keeps the limits of the board, it is not doubted there.
    """
    costs = [result.cores.get(limits.core) for result in results]
    reasons = [_reason(board, limits, result, cost) for result, cost in zip(results, costs, strict=True)]
    doubtful = {place: why for place, (why, better) in doubts.items() if any(reasons[each] is None for each in better)}
    reasons = [reason or doubtful.get(place) for place, reason in enumerate(reasons)]
    admitted = [
        (_figures(result, cost), number)
        for number, (result, cost, reason) in enumerate(zip(results, costs, reasons, strict=True))
        if cost is not None and reason is None
    ]
    for figures, number in admitted:
        if any(_beats(other, figures) or (other == figures and earlier < number) for other, earlier in admitted):
            reasons[number] = "another network is as good in all figures"
    return tuple(Standing(*each) for each in zip(results, costs, reasons, strict=True))


def doubts_of(finalists: Sequence[Finalist]) -> dict[int, tuple[str, Sequence[int]]]:
    """Returns the doubts of finalists by their places, for `standings`."""
    places = {each.key: place for place, each in enumerate(finalists)}
    return {
        place: (each.doubt.why, [places[key] for key in each.doubt.others])
        for place, each in enumerate(finalists)
        if each.doubt is not None
    }


def pareto(figures: Sequence[tuple[float, ...]]) -> tuple[int, ...]:
    """Returns the places of those that no other one beats, in order; of equal ones all. More is better in each."""
    return tuple(place for place, each in enumerate(figures) if not any(_beats(other, each) for other in figures))


def _figures(result: FinalResult, cost: CountedCost) -> tuple[float, ...]:
    """Returns what counts, more being better."""
    score = float("-inf") if result.score is None else result.score
    return (score, *(-cost_along(cost, axis) for axis in AXES))


def _beats(one: tuple[float, ...], other: tuple[float, ...]) -> bool:
    return one != other and all(mine >= its for mine, its in zip(one, other, strict=True))


def _reason(board: Board, limits: BoardLimits, result: FinalResult, cost: CountedCost | None) -> str | None:
    """Returns what keeps a network from the front of a board, before others are looked at."""
    if result.score is None:
        return result.reason
    if cost is None:
        return f"not counted on {limits.core}: {result.skipped.get(limits.core, 'it was not asked for')}"
    for limit in limits.exceeded(cost):
        counted = limit.along(cost)
        how = "estimated" if limit.axis == TIME else "counted"
        return f"{limit.axis} {how} {counted:,}, allowed {limit.most:,} ({limit.origin})"
    # A bundle is held to that: the stack lies in the same memory.
    sram = board.sram_bytes
    if sram is not None and cost.ram_bytes + cost.stack_bytes > sram.value:
        return f"RAM with its stack counted {cost.ram_bytes + cost.stack_bytes:,}, {board.name} has {sram.value:,}"
    return None
