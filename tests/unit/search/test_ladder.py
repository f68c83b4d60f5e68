"""To how many instructions networks are narrowed, and which ones."""

import itertools
import math

import pytest

from edge_nas.search.ladder import Parts, Start, Target, ladder, parts, targets


def _start(key: str, score: float, instructions: int, room: float = 1.0, structure: str = "") -> Start:
    return Start(key, score, instructions, room, structure)


def test_goals_lie_evenly_down_to_a_tenth() -> None:
    goals = ladder(_start("a", 0.9, 1000, math.inf), 3, 2)
    assert goals == (720, 405, 228, 128, 72)
    ratios = [after / before for before, after in itertools.pairwise(goals)]
    assert ratios == pytest.approx([0.1**0.25] * 4, rel=0.01)


def test_a_first_goal_keeps_the_limit() -> None:
    assert ladder(_start("a", 0.9, 1000, 0.8), 1, 0) == (792,)
    assert ladder(_start("a", 0.9, 1000, 0.5), 1, 0) == (495,)


def test_half_are_at_what_a_limit_allows_where_the_best_is_over_it() -> None:
    assert ladder(_start("a", 0.9, 10_000, 0.1), 2, 2) == (990, 990, 542, 297)
    assert ladder(_start("a", 0.9, 10_000, 0.1), 3, 2) == (990, 990, 990, 542, 297)
    assert ladder(_start("a", 0.9, 10_000, 0.1), 1, 1) == (990, 297)
    # 72 % are within the limit as well, but what takes all of it is what such a search is for.
    assert ladder(_start("a", 0.9, 1000, 0.9), 2, 1) == (891, 891, 267)


@pytest.mark.parametrize(
    ("count", "front", "limit"),
    [
        (1, Parts(1, 0, 0), Parts(1, 0, 0)),
        (5, Parts(3, 0, 2), Parts(3, 0, 2)),
        (8, Parts(4, 0, 4), Parts(4, 2, 2)),
        (13, Parts(7, 0, 6), Parts(7, 3, 3)),
    ],
)
def test_at_a_limit_a_quarter_asks_a_second_time(count: int, front: Parts, limit: Parts) -> None:
    assert parts(_start("a", 0.9, 1000), count) == front
    assert parts(_start("a", 0.9, 1000, 0.5), count) == limit


def test_the_best_of_those_that_are_near_is_narrowed() -> None:
    starts = [_start("best", 0.95, 5000), _start("next", 0.94, 2000), _start("cheap", 0.9, 1000)]
    assert targets([3600], starts) == (Target("best", 3600),)
    assert targets([1000], starts) == (Target("best", 1000),)
    assert targets([999], starts) == (Target("next", 999),)
    assert targets([400], starts) == (Target("next", 400),)
    assert targets([399], starts) == (Target("cheap", 399),)


def test_of_those_that_are_far_the_cheapest_is_narrowed() -> None:
    assert targets([100], [_start("best", 0.95, 5000), _start("cheap", 0.9, 1000)]) == (Target("cheap", 100),)


def test_a_goal_above_all_has_no_narrowing() -> None:
    assert targets([950, 900], [_start("a", 0.9, 1000)]) == (Target("a", 900),)
    assert targets([900], []) == ()


def test_what_is_hardly_over_a_limit_is_narrowed_to_it_all_the_same() -> None:
    starts = [_start("a", 0.95, 1010, 0.99), _start("b", 0.9, 1600, 0.625)]
    goals = ladder(starts[0], 2, 0)
    assert goals == (990, 990)
    assert targets(goals, starts) == (Target("a", 990), Target("b", 990))


def test_the_same_goal_is_asked_of_another_network_next() -> None:
    starts = [_start("a", 0.95, 2000, 0.5), _start("b", 0.94, 1500, 0.66)]
    assert targets([990, 990, 990], starts) == (Target("a", 990), Target("b", 980))
    assert targets([990], starts, [Target("a", 990)]) == (Target("b", 980),)


def test_the_same_goal_is_asked_of_every_structure_first() -> None:
    starts = [_start("a", 0.95, 2000, 0.5, "deep"), _start("b", 0.94, 2000, 0.5, "deep")]
    starts.append(_start("c", 0.93, 2000, 0.5, "flat"))
    assert [target.start for target in targets([990] * 3, starts)] == ["a", "c", "b"]
    # Another goal begins anew.
    assert [target.start for target in targets([990, 900], starts)] == ["a", "a"]


def test_limits_of_each_start_are_kept() -> None:
    # What is over the limit of its flash has to shrink more than the goal asks for.
    assert targets([700], [_start("a", 0.9, 1000, 0.5)]) == (Target("a", 495),)


def test_where_nothing_limits_instructions_there_is_any_room() -> None:
    assert targets([700], [_start("a", 0.9, 1000, math.inf)]) == (Target("a", 700),)


def test_equal_scores_are_taken_in_the_order_of_keys() -> None:
    starts = [_start("b", 0.9, 1000), _start("a", 0.9, 1000)]
    assert targets([700], starts) == targets([700], starts[::-1]) == (Target("a", 700),)
