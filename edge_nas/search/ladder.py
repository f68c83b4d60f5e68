"""To how many instructions networks of a search are narrowed, and which ones.

The goals of a ladder lie evenly by logarithm, from 72 % of the best network down to a tenth of that. Its upper half is
made of trained networks, its lower half of those and of what the upper one came to: where a tenth of the instructions
is left, groups have a channel each, and a good network that takes a third is nearer. Where the best network is over a
limit, all of the upper half are at what that allows; the better ones of them are narrowed once more, with another seed,
and the mean decides (design note 41).
"""

from collections.abc import Collection, Sequence
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
_LEAST_AGAIN = 8
"""Narrowings of a search from which on some ask a second time: it takes two to compare."""
_NEAR = 0.9
"""Of the instructions of a network that keeps the limits, what a narrowed form takes at most: less is not worth it."""
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
        structure: what it is beside its widths. Start networks that differ in widths alone become much the same.
    """

    key: str
    score: float
    instructions: int
    room: float
    structure: str = ""


@dataclass(frozen=True)
class Parts:
    """How many of the narrowings of a search are the upper half of its ladder, are those once more, are its lower half.

    Attributes:
        upper: of trained networks.
        again: of the same with another seed.
        lower: of what came of those as well.
    """

    upper: int
    again: int
    lower: int


@dataclass(frozen=True)
class Target:
    """A narrowing that is asked for: of which start network, and to how many instructions."""

    start: str
    instructions: int


def parts(best: Start, count: int) -> Parts:
    """Returns how so many narrowings are spent, given the start network with the best score.

    What a narrowing comes to is the luck of its seed to a point or two: a network of 94.4 had 91.9, 93.4 and 93.9 with
    three of them. Where a search is for one limit, a quarter of its narrowings asks a second time; where it is for a
    front, each is a point of it.
    """
    upper = (count + 1) // 2
    again = count // 4 if best.room < 1.0 and count >= _LEAST_AGAIN else 0
    return Parts(upper, again, count - upper - again)


def ladder(best: Start, upper: int, lower: int) -> tuple[int, ...]:
    """Returns the instructions of so many narrowings, falling.

    Where the best network is over a limit, all of the upper half stand at what that allows, and the others lead down to
    0.3 of it: the network that takes all of a limit is what a search is for, and one start network may be the luck of a
    seed.

    Args:
        best: the start network with the best score.
        upper: narrowings of trained networks.
        lower: of those that are made of what came of the upper ones as well.
    """
    first = best.instructions * (_MARGIN * best.room if best.room < 1.0 else _STEP)
    at_limit, reach = (max(0, upper - 1), _REACH_OF_LIMIT) if best.room < 1.0 else (0, _REACH)
    steps = upper + lower - at_limit - 1
    shares = [1.0] * at_limit + [reach ** (step / steps) if steps else 1.0 for step in range(steps + 1)]
    return tuple(max(1, round(first * share)) for share in shares[: upper + lower])


def targets(goals: Sequence[int], starts: Sequence[Start], taken: Sequence[Target] = ()) -> tuple[Target, ...]:
    """Returns the narrowings to such instructions: one a goal, of the start network that is best for it.

    That is the one with the best score of those that are near, and of others the cheapest; where a goal comes several
    times, structures that it was not asked of come first. A pair of a start network and instructions is taken once. A
    goal that no start network is above has none.

    Args:
        goals: instructions.
        starts: networks, trained or narrowed.
        taken: narrowings that there were.
    """
    chosen: list[Target] = []
    asked_of: dict[int, set[str]] = {}
    for goal in goals:
        structures = asked_of.setdefault(goal, set())
        ordered = sorted(starts, key=lambda each: _order(each, goal, structures))
        possible = [(start, _asked(start, goal)) for start in ordered]
        free = [(Target(start.key, asked), start) for start, asked in possible if _is_worth_it(start, asked)]
        found = next(((target, start) for target, start in free if target not in (*taken, *chosen)), None)
        if found is not None:
            chosen.append(found[0])
            structures.add(found[1].structure)
    return tuple(chosen)


def _asked(start: Start, goal: int) -> int:
    """Returns the instructions of a goal, or fewer, where a limit of another kind allows no more of them."""
    # Where nothing limits instructions, there is any room.
    return max(1, round(min(goal, _MARGIN * start.room * start.instructions)))


def _is_worth_it(start: Start, asked: int) -> bool:
    """Returns whether a narrowed form takes so much less that it is another network; over a limit any less is."""
    return asked <= _NEAR * start.instructions or (start.room < 1.0 and asked < start.instructions)


def _order(start: Start, goal: int, structures: Collection[str]) -> tuple[bool, bool, float, str]:
    """Returns by what start networks are chosen for a goal, the best one first."""
    far = goal < _FAR * start.instructions
    return far, start.structure in structures, float(start.instructions) if far else -start.score, start.key
