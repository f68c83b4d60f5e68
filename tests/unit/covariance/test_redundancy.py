"""Redundancy measures of covariances whose answers are known."""

import numpy as np
import pytest

from edge_nas.covariance.redundancy import (
    condition_number,
    correlation,
    correlations,
    effective_rank,
    explained_variance,
    measure,
    variance_losses,
)
from edge_nas.covariance.statistics import StreamingCovariance


@pytest.mark.parametrize("n", [1, 4, 9])
def test_effective_rank_of_equal_directions_is_their_number(n: int) -> None:
    assert effective_rank(3.0 * np.eye(n)) == pytest.approx(n)


def test_effective_rank_of_one_direction_is_one() -> None:
    assert effective_rank(np.ones((5, 5))) == pytest.approx(1.0, abs=1e-6)
    assert effective_rank(np.zeros((5, 5))) == 0.0


def test_effective_rank_lies_between_for_unequal_directions() -> None:
    shares = np.array([0.7, 0.2, 0.1])
    assert effective_rank(np.diag(shares)) == pytest.approx(np.exp(-np.sum(shares * np.log(shares))))


def test_correlation_is_numpys_and_zero_for_dead_channels() -> None:
    rows = np.random.default_rng(0).normal(size=(50, 3)) @ np.triu(np.ones((3, 3)))
    rows = np.hstack([rows, np.zeros((50, 1))])
    seen = correlation(np.cov(rows.T))
    np.testing.assert_allclose(seen[:3, :3], np.corrcoef(rows[:, :3].T), atol=1e-12)
    assert not seen[3].any()
    assert not seen[:, 3].any()


def test_r2_is_one_for_a_duplicate_and_nothing_for_an_independent_channel() -> None:
    base = np.linalg.qr(np.random.default_rng(1).normal(size=(100, 3)))[0]
    base -= base.mean(axis=0)
    base = np.linalg.qr(base)[0]
    rows = np.hstack([base, base[:, :1]])  # channels 0 and 3 are the same, 1 and 2 stand alone
    np.testing.assert_allclose(explained_variance(np.cov(rows.T)), [1.0, 0.0, 0.0, 1.0], atol=1e-6)


def test_r2_is_that_of_a_regression() -> None:
    generator = np.random.default_rng(2)
    rows = generator.normal(size=(200, 4)) @ generator.normal(size=(4, 4))
    centred = rows - rows.mean(axis=0)
    others = np.delete(centred, 2, axis=1)
    residual = centred[:, 2] - others @ np.linalg.lstsq(others, centred[:, 2], rcond=None)[0]
    expected = 1.0 - residual.var() / centred[:, 2].var()
    assert explained_variance(np.cov(rows.T))[2] == pytest.approx(expected, abs=1e-5)


def test_r2_of_channels_without_variance_is_one_and_of_a_single_channel_nothing() -> None:
    assert explained_variance(np.diag([1.0, 0.0, 2.0])).tolist() == pytest.approx([0.0, 1.0, 0.0], abs=1e-6)
    assert explained_variance(np.array([[2.0]])).tolist() == pytest.approx([0.0])
    assert explained_variance(np.zeros((2, 2))).tolist() == [1.0, 1.0]


def suggested_width(covariance: np.ndarray, error: float) -> int:
    """Returns the width that is suggested for channels with this covariance."""
    statistics = StreamingCovariance(len(covariance))
    statistics.update(np.zeros((1, len(covariance))))
    measured = measure("layer", "Dense", statistics).model_copy(update={"losses": variance_losses(covariance)})
    return measured.with_suggestion(error).suggested_width


@pytest.mark.parametrize(("independent", "dependent"), [(1, 4), (3, 5), (4, 0)])
def test_suggested_width_of_linear_combinations_is_their_rank(independent: int, dependent: int) -> None:
    generator = np.random.default_rng(3)
    base = generator.normal(size=(500, independent))
    rows = np.hstack([base, base @ generator.normal(size=(independent, dependent))])
    assert suggested_width(np.cov(rows.T), error=0.001) == independent


def test_suggested_width_grows_as_the_error_shrinks() -> None:
    covariance = np.diag([1.0, 0.5, 0.04, 0.004])
    widths = [suggested_width(covariance, error) for error in (0.001, 0.01, 0.1, 0.4)]
    assert widths == [4, 3, 2, 1]


def test_suggested_width_of_nothing_is_one() -> None:
    assert suggested_width(np.zeros((4, 4)), error=0.01) == 1


def test_measure_puts_it_all_together() -> None:
    one = np.random.default_rng(4).normal(size=(60, 1))
    statistics = StreamingCovariance(3)
    statistics.update(np.hstack([one, 2.0 * one, np.zeros((60, 1))]))
    report = measure("layer", "Conv2D", statistics).with_suggestion(0.01)
    assert (report.name, report.kind, report.channels, report.samples) == ("layer", "Conv2D", 3, 60)
    assert list(report.spectrum) == sorted(report.spectrum, reverse=True)
    assert sum(report.spectrum) == pytest.approx(5.0 * one.var())
    assert report.effective_rank == pytest.approx(1.0, abs=1e-6)
    assert report.score == pytest.approx(1 / 3)  # one of three pairs is correlated, fully
    assert report.mean_abs_correlation == pytest.approx(1 / 3)
    assert report.dead == (2,)
    assert report.r2 == pytest.approx((1.0, 1.0, 1.0), abs=1e-6)
    assert report.suggested_width == 1


def test_measure_of_one_channel_finds_no_redundancy() -> None:
    statistics = StreamingCovariance(1)
    statistics.update(np.arange(5.0)[:, None])
    report = measure("layer", "Dense", statistics).with_suggestion(0.01)
    assert (report.score, report.mean_abs_correlation, report.suggested_width) == (0.0, 0.0, 1)


def test_condition_number_is_the_ratio_of_eigenvalues_and_infinite_for_dependent_channels() -> None:
    assert condition_number(np.diag([2.0, 8.0, 4.0])) == pytest.approx(4.0)
    assert condition_number(np.array([[3.0]])) == 1.0
    assert condition_number(np.ones((3, 3))) == float("inf")
    assert condition_number(np.zeros((2, 2))) == float("inf")


def test_correlations_are_those_between_different_channels() -> None:
    covariance = np.array([[4.0, -1.0, 0.0], [-1.0, 1.0, 0.0], [0.0, 0.0, 9.0]])
    assert correlations(covariance).tolist() == [-0.5, 0.0, -0.5, 0.0, 0.0, 0.0]
    assert correlations(np.array([[2.0]])).size == 0
