"""Elimination by pairs: twins go first, whatever few observations there are."""

import numpy as np

from edge_nas.covariance.pairs import eliminate_by_pairs
from edge_nas.covariance.selection import eliminate


def test_of_twins_one_goes_first_although_ten_observations_say_nothing_on_combinations() -> None:
    generator = np.random.default_rng(0)
    observations = np.repeat(generator.normal(size=(10, 20)), 2, axis=1)
    covariance = np.cov(observations.T)
    elimination = eliminate_by_pairs([covariance], [np.eye(40)])
    assert {channel // 2 for channel in elimination.first(20).removed} == set(range(20))
    assert max(elimination.first(20).losses) < 1e-12
    assert elimination.losses[20] > 1e-3
    by_combinations = eliminate([covariance], [np.eye(40)], 1).first(20).removed
    assert {channel // 2 for channel in by_combinations} != set(range(20))


def test_the_cost_is_what_the_stand_in_leaves_unexplained_and_falls_on_all_it_stood_in_for() -> None:
    # b = a + noise of variance 1/3, c apart: R²(a, b) = 3/4; all weighed alike, of a total of 1 + 4/3 + 10.
    covariance = np.array([[1.0, 1.0, 0.0], [1.0, 4 / 3, 0.0], [0.0, 0.0, 10.0]])
    elimination = eliminate_by_pairs([covariance], [np.eye(3)])
    assert elimination.removed == (0, 1)
    np.testing.assert_allclose(elimination.losses, [0.25 / (37 / 3), (1 + 4 / 3 - 0.25) / (37 / 3)])


def test_a_channel_that_never_moves_goes_first_for_nothing() -> None:
    elimination = eliminate_by_pairs([np.diag([2.0, 0.0, 3.0])], [np.eye(3)])
    assert elimination.removed[0] == 1
    assert elimination.losses[0] == 0.0
