"""To how many instructions networks of a search are narrowed, and which ones.

The goals of a ladder lie evenly by logarithm, from 72 % of the best network down to a tenth of that. Its upper half is
made of trained networks, its lower half of those and of what the upper one came to: where a tenth of the instructions
is left, groups have a channel each, and a good network that takes a third is nearer (design note 41).
"""

from collections.abc import Sequence
from dataclasses import dataclass

_STEP = 0.72
"""Of the instructions of the best network, where it keeps the limits, what is the first goal."""
_REACH = 0.1
"""Of the first goal, what the last one is."""
_REACH_OF_LIMIT = 0.3
"""Of the first goal, what the last one is where that is at a limit: what such a search is for is near it, and a tenth
of a low limit is less than a network of one channel a group takes."""
_MARGIN = 0.99
"""Of a limit that a narrowed network is predicted to take at most: predictions are mostly off by 0.1 %, and what is
over the limit as counted would be thrown out."""
_NEAR = 0.9
"""Of the instructions of a network, what a narrowed form takes at most: less is not worth the work."""
_FAR = 0.2
"""Of the instructions of a network, what a narrowed form takes at least where another start network is nearer: down to
that it is the score of what is narrowed that counts, and hardly how much is taken away (design note 41)."""


@dataclass(frozen=True)
class Start:
    """A network that can be narrowed.

    Attributes:
        key: of its candidate, or of the narrowing that it came of.
        score: on val; higher is better.
        instructions: that it takes, as predicted.
        room: by which factor they may grow until a limit is met; below 1 they have to shrink.
    """

    key: str
    score: float
    instructions: int
    room: float


@dataclass(frozen=True)
class Target:
    """A narrowing that is asked for: of which start network, and to how many instructions."""

    start: str
    instructions: int


def upper_half(count: int) -> int:
    """Returns how many of so many narrowings are made of trained networks."""
    return (count + 1) // 2


def ladder(best: Start, count: int) -> tuple[int, ...]:
    """Returns the instructions of so many narrowings, falling.

    Where the best network is over a limit, all of the upper half stand at what that allows, and the others lead down to
    0.3 of it: the network that takes all of a limit is what a search is for, and one start network may be the luck of a
    seed.

    Args:
        best: the start network with the best score.
        count: of narrowings.
    """
    first = best.instructions * min(_STEP, _MARGIN * best.room)
    again, reach = (upper_half(count) - 1, _REACH_OF_LIMIT) if best.room < 1.0 else (0, _REACH)
    steps = count - again - 1
    shares = [1.0] * again + [reach ** (step / steps) if steps else 1.0 for step in range(steps + 1)]
    return tuple(max(1, round(first * share)) for share in shares[:count])


def targets(goals: Sequence[int], starts: Sequence[Start], taken: Sequence[Target] = ()) -> tuple[Target, ...]:
    """Returns the narrowings to such instructions: one a goal, of the start network that is best for it.

    That is the one with the best score of those that are near, and of others the cheapest. A pair of a start network
    and instructions is taken once. A goal that no start network is above has none.

    Args:
        goals: instructions.
        starts: networks, trained or narrowed.
        taken: narrowings that there were.
    """
    chosen: list[Target] = []
    for goal in goals:
        possible = [(start, _asked(start, goal)) for start in sorted(starts, key=lambda each: _order(each, goal))]
        free = (Target(start.key, asked) for start, asked in possible if asked <= _NEAR * start.instructions)
        target = next((each for each in free if each not in (*taken, *chosen)), None)
        if target is not None:
            chosen.append(target)
    return tuple(chosen)


def _asked(start: Start, goal: int) -> int:
    """Returns the instructions of a goal, or fewer, where a limit of another kind allows no more of them."""
    return max(1, min(goal, round(_MARGIN * start.room * start.instructions)))


def _order(start: Start, goal: int) -> tuple[bool, float, str]:
    """Returns by what start networks are chosen for a goal, the best one first."""
    far = goal < _FAR * start.instructions
    return far, float(start.instructions) if far else -start.score, start.key
