import numpy as np
import pytest

from edge_nas.pruning.holdout import hold_out


def test_every_third_image_where_no_groups_are_known() -> None:
    assert hold_out(8, None, seed=0).held_out.tolist() == [1, 4, 7]
    assert hold_out(8, None, seed=0).learnt.tolist() == [0, 2, 3, 5, 6]
    assert hold_out(4, ["one drive"] * 4, seed=0).held_out.tolist() == [1]


@pytest.mark.parametrize("count", range(2, 12))
def test_both_parts_hold_something_and_together_all(count: int) -> None:
    parts = hold_out(count, None, seed=0)
    assert len(parts.learnt) > 0
    assert len(parts.held_out) > 0
    assert sorted([*parts.learnt, *parts.held_out]) == list(range(count))


def test_whole_groups_near_a_third() -> None:
    generator = np.random.default_rng(0)
    for seed in range(30):
        groups = [f"drive {number}" for number in generator.integers(0, 7, 60)]
        parts = hold_out(60, groups, seed)
        learnt, held_out = ({groups[index] for index in part} for part in parts)
        assert not learnt & held_out
        # The largest of seven groups of 60 images has some fifteen, so that half of one may be off.
        assert 10 <= len(parts.held_out) <= 30
        assert sorted([*parts.learnt, *parts.held_out]) == list(range(60))


def test_of_two_groups_one_is_held_out_however_large() -> None:
    for seed in range(10):
        parts = hold_out(10, ["night"] * 9 + ["day"], seed)
        assert len(parts.held_out) in (1, 9)


def test_the_seed_decides_which_groups() -> None:
    groups = [f"drive {number // 10}" for number in range(60)]
    chosen = {tuple(hold_out(60, groups, seed).held_out) for seed in range(20)}
    assert len(chosen) > 5
    assert hold_out(60, groups, 3).held_out.tolist() == hold_out(60, groups, 3).held_out.tolist()
