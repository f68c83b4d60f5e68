"""What a plan tells of itself."""

import re

import pytest

from edge_nas.results.artifacts import Cost
from edge_nas.results.prune import FrozenGroup, GroupPlan, PruningPlan

COST = Cost(macs=1, params=1)


def plan(ratio: float, groups: tuple[GroupPlan, ...] = (), frozen: tuple[FrozenGroup, ...] = ()) -> PruningPlan:
    return PruningPlan(criterion="l1", ratio=ratio, groups=groups, frozen=frozen, before=COST, after=COST)


def group(kept: int) -> GroupPlan:
    return GroupPlan(name="g", members=(), readers=(), channels=3, kept=tuple(range(kept)), predicted_error=0.0)


@pytest.mark.parametrize(
    ("made", "told"),
    [
        (plan(0.5, (group(3),)), "ratio 0.5 removed nothing, .* the widest of 1 groups has 3 channels"),
        (plan(0.5), "there is no group of channels"),
        (
            plan(0.25, frozen=(FrozenGroup(name="g", members=(), channels=4, reason="feeds the output"),)),
            r"no group of channels is free \('g': feeds the output\)",
        ),
    ],
)
def test_a_ratio_that_removed_nothing_is_told(made: PruningPlan, told: str) -> None:
    assert re.search(told, made.warning or "")


def test_nothing_is_told_where_nothing_was_to_go_or_something_went() -> None:
    assert plan(0.0, (group(3),)).warning is None
    assert plan(0.5, (group(2),)).warning is None
