"""Backward elimination: duplicates first, and a predicted loss that is the loss."""

import numpy as np
import pytest

from edge_nas.covariance.redundancy import explained_variance
from edge_nas.covariance.selection import eliminate, eliminate_explained


def least_squares_loss(x: np.ndarray, weights: np.ndarray, removed: list[int]) -> float:
    """The share of the reader's signal that is lost if the other channels compensate as well as they can."""
    x = x - x.mean(axis=0)
    signal = x @ weights
    kept = [i for i in range(x.shape[1]) if i not in removed]
    rebuilt = x[:, kept] @ np.linalg.lstsq(x[:, kept], signal, rcond=None)[0]
    return float(np.sum((signal - rebuilt) ** 2) / np.sum(signal**2))


@pytest.fixture
def data() -> tuple[np.ndarray, np.ndarray]:
    generator = np.random.default_rng(0)
    return generator.normal(size=(300, 6)) @ generator.normal(size=(6, 6)), generator.normal(size=(6, 9))


def test_the_predicted_loss_is_that_of_least_squares(data) -> None:
    x, weights = data
    elimination = eliminate([np.cov(x.T, ddof=0)], [weights @ weights.T], keep=1, ridge=1e-12)
    for steps in range(1, 6):
        exact = least_squares_loss(x, weights, list(elimination.removed[:steps]))
        assert sum(elimination.losses[:steps]) == pytest.approx(exact, rel=1e-6)


def test_every_step_is_the_cheapest_there_is(data) -> None:
    x, weights = data
    elimination = eliminate([np.cov(x.T, ddof=0)], [weights @ weights.T], keep=2, ridge=1e-12)
    gone: list[int] = []
    for channel in elimination.removed:
        costs = {j: least_squares_loss(x, weights, [*gone, j]) for j in range(6) if j not in gone}
        assert channel == min(costs, key=costs.__getitem__)
        gone.append(channel)


def test_losses_are_the_mean_over_readers_whatever_their_scale(data) -> None:
    x, weights = data
    covariance, other = np.cov(x.T, ddof=0), np.random.default_rng(1).normal(size=(6, 2))
    both = eliminate([covariance, 1e4 * covariance], [weights @ weights.T, 1e3 * other @ other.T], keep=5, ridge=1e-12)
    single = [least_squares_loss(x, w, list(both.removed)) for w in (weights, other)]
    assert both.losses[0] == pytest.approx(np.mean(single), rel=1e-6)


def test_duplicates_go_first_and_for_nothing() -> None:
    generator = np.random.default_rng(2)
    base = generator.normal(size=(200, 3))
    x = base[:, [0, 1, 2, 0, 2]]
    elimination = eliminate([np.cov(x.T)], [np.eye(5)], keep=2)
    assert {frozenset((c, {0: 3, 3: 0, 2: 4, 4: 2}.get(c, c))) for c in elimination.removed[:2]} == {
        frozenset((0, 3)),
        frozenset((2, 4)),
    }
    assert max(elimination.losses[:2]) < 1e-4 < elimination.losses[2]


def test_what_no_reader_reads_goes_first() -> None:
    weights = np.diag([1.0, 0.0, 1.0])
    elimination = eliminate([np.eye(3)], [weights], keep=2)
    assert elimination.removed == (1,)
    assert elimination.losses[0] == pytest.approx(0.0)


def test_kept_are_the_others_in_order() -> None:
    elimination = eliminate([np.diag([3.0, 1.0, 2.0, 4.0])], [np.eye(4)], keep=2)
    assert elimination.removed == (1, 2)
    assert elimination.kept(4) == (0, 3)
    assert eliminate([np.eye(4)], [np.eye(4)], keep=4).kept(4) == (0, 1, 2, 3)


def test_channels_and_readers_without_any_signal_do_no_harm() -> None:
    elimination = eliminate([np.zeros((3, 3)), np.eye(3)], [np.eye(3), np.zeros((3, 3))], keep=1)
    assert len(elimination.removed) == 2
    assert np.isfinite(elimination.losses).all()


def test_the_input_is_not_changed(data) -> None:
    x, weights = data
    covariance, read = np.cov(x.T), weights @ weights.T
    before = covariance.copy(), read.copy()
    eliminate([covariance], [read], keep=1)
    np.testing.assert_array_equal(covariance, before[0])
    np.testing.assert_array_equal(read, before[1])


def test_the_channel_that_the_others_explain_best_goes_first_and_so_on() -> None:
    generator = np.random.default_rng(4)
    covariance = np.cov((generator.normal(size=(400, 5)) @ generator.normal(size=(5, 5))).T)
    left = list(range(5))
    order = eliminate_explained([covariance], ridge=1e-10)
    for channel, loss in zip(order.removed, order.losses, strict=True):
        r2 = explained_variance(covariance[np.ix_(left, left)])
        assert r2[left.index(channel)] == pytest.approx(r2.max(), rel=1e-9)  # of two that are left, both explain alike
        assert loss == pytest.approx((1 - r2.max()) / 5, rel=1e-5)
        left.remove(channel)
    assert len(left) == 1


def test_of_two_alike_only_one_is_explained_by_the_other() -> None:
    generator = np.random.default_rng(5)
    base = generator.normal(size=(200, 3))
    order = eliminate_explained([np.cov(base[:, [0, 1, 2, 1]].T)])
    assert order.removed[0] in (1, 3)
    assert order.losses[0] < 1e-3 < order.losses[1]


def test_the_first_of_an_elimination() -> None:
    order = eliminate([np.diag([3.0, 1.0, 2.0])], [np.eye(3)], keep=1)
    assert order.first(1).removed == (1,)
    assert order.first(1).kept(3) == (0, 2)
    assert order.first(0).kept(3) == (0, 1, 2)
