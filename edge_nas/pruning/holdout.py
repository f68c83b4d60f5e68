"""Which calibration images a search learns from, and which it is judged by.

A search that compares candidates on the images that it takes its statistics from finds widths that suit these images.
Validation images would tell, but what they choose they can no longer measure. So a third of the calibration images is
kept for the comparison; once the widths are found, all of them choose the channels and repair.
"""

from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

_THIRD = 3
"""One image in three is held out: of 128, some 40 compare candidates, where 56 told prices to within 2 to 7 %."""


class HoldOut(NamedTuple):
    """Indices of the images to learn from and of those held out, each in order."""

    learnt: npt.NDArray[np.intp]
    held_out: npt.NDArray[np.intp]


def hold_out(count: int, groups: Sequence[str] | None, seed: int) -> HoldOut:
    """Returns which of `count` images a search learns from and which it is judged by.

    Where groups are known (a drive, a photograph), whole groups are held out, in an order drawn with `seed`, for as
    long as that brings their share nearer to a third; at least one is, and at least one is not. Without groups, or with
    a single one, it is every third image: neighbours are often frames of one scene, and the split's ends another class.

    Args:
        count: at least 2.
        groups: one per image, or None.
        seed: of the order of groups.
    """
    names = list(groups or ())
    sizes = Counter(names)
    if len(sizes) < 2:
        is_held_out = np.arange(count) % _THIRD == 1
    else:
        chosen = _groups_near_a_third(sizes, count, seed)
        is_held_out = np.array([name in chosen for name in names])
    return HoldOut(np.flatnonzero(~is_held_out), np.flatnonzero(is_held_out))


def _groups_near_a_third(sizes: Counter[str], count: int, seed: int) -> set[str]:
    names = sorted(sizes)
    np.random.default_rng(seed).shuffle(names)
    chosen: set[str] = set()
    taken, wanted = 0, count / _THIRD
    for name in names[:-1]:
        if not chosen or abs(taken + sizes[name] - wanted) < abs(taken - wanted):
            chosen.add(name)
            taken += sizes[name]
    return chosen
