"""The streamed covariance is numpy's, however the data is cut."""

import numpy as np
import pytest

from edge_nas.covariance.statistics import StreamingCovariance
from edge_nas.errors import DataError


def streamed(rows: np.ndarray, cuts: list[int]) -> StreamingCovariance:
    statistics = StreamingCovariance(rows.shape[1])
    for part in np.split(rows, cuts):
        statistics.update(part)
    return statistics


@pytest.mark.parametrize("cuts", [[], [1], [37], [1, 2, 3, 50], [0, 99], list(range(1, 100))], ids=str)
@pytest.mark.parametrize("offset", [0.0, 1e5])
def test_equals_numpy_for_any_split_and_any_offset(cuts: list[int], offset: float) -> None:
    generator = np.random.default_rng(0)
    rows = generator.normal(size=(100, 5)) @ generator.normal(size=(5, 5)) + offset * np.arange(1, 6)
    statistics = streamed(rows, cuts)
    np.testing.assert_allclose(statistics.covariance(ddof=1), np.cov(rows.T), rtol=1e-10, atol=1e-10)
    np.testing.assert_allclose(statistics.covariance(), np.cov(rows.T, ddof=0), rtol=1e-10, atol=1e-10)
    np.testing.assert_allclose(statistics.mean, rows.mean(axis=0), rtol=1e-12)
    assert statistics.count == 100


def test_all_axes_but_the_last_are_samples_and_are_taken_in_float64() -> None:
    maps = np.random.default_rng(1).normal(1000.0, 1e-2, (2, 3, 4, 5)).astype(np.float32)
    statistics = StreamingCovariance(5)
    statistics.update(maps)
    np.testing.assert_allclose(statistics.covariance(1), np.cov(maps.reshape(-1, 5).T.astype(np.float64)), rtol=1e-9)


def test_nothing_changes_nothing() -> None:
    statistics = streamed(np.eye(3), [])
    before = statistics.covariance()
    statistics.update(np.zeros((0, 3)))
    np.testing.assert_array_equal(statistics.covariance(), before)


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_what_is_no_number_is_refused_and_not_counted(bad: float) -> None:
    statistics = streamed(np.eye(3), [])
    with pytest.raises(DataError, match="NaN or infinite"):
        statistics.update(np.array([[1.0, bad, 0.0]]))
    assert statistics.count == 3
    np.testing.assert_allclose(statistics.covariance(1), np.cov(np.eye(3)))


def test_another_number_of_channels_is_refused() -> None:
    with pytest.raises(DataError, match="over 3 channels was given 2"):
        StreamingCovariance(3).update(np.ones((4, 2)))


@pytest.mark.parametrize(("count", "ddof"), [(0, 0), (1, 1)])
def test_too_few_samples_are_refused(count: int, ddof: int) -> None:
    with pytest.raises(DataError, match=f"at least {ddof + 1} samples; seen {count}"):
        streamed(np.ones((count, 2)), []).covariance(ddof)
