"""Candidates that are numbers, their costs, and a brain that counts: for tests of what a search proposes."""

from collections.abc import Sequence
from dataclasses import dataclass

from edge_nas.boards import load_board
from edge_nas.costs import CostUnknownError
from edge_nas.results.search import Figures
from edge_nas.search.brain import Brain, InstructionsOf, Trained
from edge_nas.search.limits import BoardLimits, Limits, limits_on
from edge_nas.search.pool import Pool, Pooled, stated
from edge_nas.search.space import Candidate, Signature, whole

SIGNATURE = Signature(input_shape=(8, 8, 1), outputs=1)
MEMORY = {"flash_bytes": 1, "ram_bytes": 1}


@dataclass(frozen=True)
class _Cost:
    instructions: int
    flash_bytes: int = 1
    ram_bytes: int = 1


def numbered(number: int) -> Candidate:
    return Candidate(family="numbers", signature=SIGNATURE, decisions=(("number", number),))


def number_of(candidate: Candidate) -> int:
    return whole(candidate.values, "number")


def cost_of(candidate: Candidate) -> _Cost:
    if number_of(candidate) == 999:
        raise CostUnknownError("kernel")
    return _Cost(number_of(candidate))


def slower_cost_of(candidate: Candidate) -> _Cost:
    """Of a core that takes ten times the instructions."""
    return _Cost(10 * cost_of(candidate).instructions)


class CountingBrain(Brain):
    """Proposes 100, 101, 102 ...; remembers what it was told."""

    def __init__(self, first: int = 100) -> None:
        super().__init__()
        self.told: list[list[Trained]] = []
        self._number = first

    def _next(self, instructions_of: InstructionsOf) -> Candidate:
        self._number += 1
        return numbered(self._number - 1)

    def _learn(self, trained: Sequence[Trained]) -> None:
        self.told.append(list(trained))


def limits_to(instructions: int, board: str = "stm32l4r5") -> BoardLimits:
    return limits_on(load_board(board), Limits(instructions=instructions))


def pool_of(limits: BoardLimits, numbers: range) -> Pool:
    fitting = tuple(Pooled(candidate=numbered(n), cost=Figures(instructions=n, **MEMORY)) for n in numbers)
    return Pool(board=limits.board, core=limits.core, limits=stated(limits), fitting=fitting)
