"""Ridge regression: least squares where rows abound, the start where they say nothing, both ways the same."""

import numpy as np
import pytest

from edge_nas.covariance.statistics import StreamingCovariance
from edge_nas.pruning.regression import Regression, solve_held

RNG = np.random.default_rng


def streamed(rows, targets, start, ridge, with_bias):
    moments = StreamingCovariance(rows.shape[1] + targets.shape[1])
    moments.update(np.concatenate([rows, targets], axis=1))
    regression = Regression(moments, start, ridge, with_bias=with_bias)
    return regression.solve_first()


@pytest.fixture
def data():
    rng = RNG(0)
    rows = rng.normal(size=(60, 5)) + 1.0
    return rows, rows @ rng.normal(size=(5, 2)) + 3.0 + 0.1 * rng.normal(size=(60, 2)), rng.normal(size=(5, 2))


def test_without_ridge_it_is_least_squares_with_a_bias(data) -> None:
    rows, targets, start = data
    kernel, bias = streamed(rows, targets, start, 1e-12, True)
    expected = np.linalg.lstsq(np.column_stack([rows, np.ones(60)]), targets, rcond=None)[0]
    np.testing.assert_allclose(np.vstack([kernel, bias]), expected, rtol=1e-6)


@pytest.mark.parametrize("with_bias", [True, False])
@pytest.mark.parametrize("ridge", [1e-6, 0.1, 10.0])
def test_held_rows_give_the_same_as_streamed_ones(ridge: float, with_bias: bool, data) -> None:
    rows, targets, start = data
    for count in (3, 60):
        one = streamed(rows[:count], targets[:count], start, ridge, with_bias)
        other = solve_held(rows[:count], targets[:count], start, ridge, with_bias=with_bias)
        for a, b in zip(one, other, strict=True):
            np.testing.assert_allclose(a, b, rtol=1e-5, atol=1e-8)


def test_where_the_rows_say_nothing_the_start_stays(data) -> None:
    _, targets, start = data
    for solve in (lambda: streamed(np.zeros((60, 5)), targets, start, 1e-3, True),
                  lambda: solve_held(np.zeros((60, 5)), targets, start, 1e-3, with_bias=True)):  # fmt: skip
        kernel, bias = solve()
        np.testing.assert_array_equal(kernel, start)
        np.testing.assert_allclose(bias, targets.mean(axis=0))
    kernel, _ = streamed(*data[:2], start, 1e9, True)
    np.testing.assert_allclose(kernel, start, atol=1e-6)
