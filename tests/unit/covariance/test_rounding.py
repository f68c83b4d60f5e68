"""Rounding against a covariance: equal to the nearest where inputs are uncorrelated, better where they are not."""

import numpy as np
import pytest

from edge_nas.covariance.rounding import channel_scales, compensated_codes, nearest_codes


def kernel(*shape: int) -> np.ndarray:
    return np.random.default_rng(0).normal(size=shape)


def correlated(*shape: int) -> np.ndarray:
    """A covariance of few directions, with a little of every other."""
    *blocks, size = shape
    mixing = np.random.default_rng(1).normal(size=(*blocks, size, max(2, size // 4)))
    return mixing @ np.swapaxes(mixing, -1, -2) + 0.01 * np.eye(size)


def output_error(kernel: np.ndarray, codes: np.ndarray, covariance: np.ndarray) -> float:
    missing = kernel - channel_scales(kernel) * codes
    return float((missing * (covariance @ missing)).sum())


def test_uncorrelated_inputs_give_the_nearest_codes() -> None:
    weights = kernel(12, 5)
    scales = channel_scales(weights)
    spread = np.diag(np.random.default_rng(2).uniform(0.1, 10.0, 12))
    for covariance in (np.eye(12), spread, np.zeros((12, 12))):
        np.testing.assert_array_equal(compensated_codes(weights, scales, covariance), nearest_codes(weights, scales))


@pytest.mark.parametrize("shape", [(24, 6), (3, 9, 1), (2, 16, 4)], ids=["dense", "depthwise", "groups"])
def test_correlated_inputs_leave_a_much_smaller_output_error(shape) -> None:
    weights, covariance = kernel(*shape), correlated(*shape[:-1])
    scales = channel_scales(weights)
    nearest, compensated = nearest_codes(weights, scales), compensated_codes(weights, scales, covariance)
    assert output_error(weights, compensated, covariance) < 0.6 * output_error(weights, nearest, covariance)
    assert np.abs(compensated).max(axis=-2).min() == 127  # no output's scale moves


def test_two_equal_inputs_share_what_is_to_be_rounded() -> None:
    """Of 0.4 + 0.4 codes on two equal inputs, one is rounded up and one down: 1 is nearer to 0.8 than 0 is."""
    weights = np.array([[127.0], [0.4], [0.4]])
    covariance = np.array([[9.0, 0.0, 0.0], [0.0, 1.0, 1.0], [0.0, 1.0, 1.0]])
    codes = compensated_codes(weights, channel_scales(weights), covariance, damping=1e-6)
    assert codes.ravel().tolist() == [127, 0, 1]


def test_blocks_are_rounded_as_if_each_were_alone() -> None:
    weights, covariance = kernel(3, 9, 2), correlated(3, 9)
    scales = channel_scales(weights)
    together = compensated_codes(weights, scales, covariance)
    for index in range(3):
        alone = compensated_codes(weights[index], scales[index], covariance[index])
        np.testing.assert_array_equal(together[index], alone)


def test_zeros_and_empty_outputs_stay_zero() -> None:
    weights, covariance = kernel(16, 4), correlated(16)
    weights[::2] = 0.0
    weights[:, 3] = 0.0
    codes = compensated_codes(weights, channel_scales(weights), covariance)
    assert not codes[::2].any()
    assert not codes[:, 3].any()
    assert (codes[1::2, :3] != 0).mean() > 0.8


def test_much_damping_gives_the_nearest_codes() -> None:
    weights, covariance = kernel(16, 4), correlated(16)
    scales = channel_scales(weights)
    codes = compensated_codes(weights, scales, covariance, damping=1e9)
    np.testing.assert_array_equal(codes, nearest_codes(weights, scales))
