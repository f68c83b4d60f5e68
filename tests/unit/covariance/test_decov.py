"""The DeCov penalty on features whose covariance is known, and its gradient."""

import warnings

import numpy as np
import pytest
import tensorflow as tf

from edge_nas.covariance.decov import covariance_redundancy
from edge_nas.errors import ConfigError


def penalty(rows, normalize: bool = True) -> float:
    return float(covariance_redundancy(tf.constant(rows, tf.float32), normalize))


@pytest.fixture
def features() -> np.ndarray:
    generator = np.random.default_rng(0)
    return (generator.normal(size=(40, 4)) @ generator.normal(size=(4, 4)) + 3.0).astype(np.float32)


# Columns of mean 0, orthogonal to each other.
ORTHOGONAL = np.array([[1, 1, 1], [1, -1, -1], [-1, 1, -1], [-1, -1, 1]], np.float32)


@pytest.mark.parametrize("channels", [2, 5])
def test_identical_channels_give_one_half(channels: int) -> None:
    one = np.random.default_rng(1).normal(size=(30, 1))
    assert penalty(np.repeat(one, channels, axis=1)) == pytest.approx(0.5, abs=1e-4)
    assert penalty(np.hstack([one, -one])) == pytest.approx(0.5, abs=1e-4)


def test_orthogonal_channels_give_nothing() -> None:
    assert penalty(ORTHOGONAL) == pytest.approx(0.0, abs=1e-12)
    assert penalty(ORTHOGONAL + 7.0) == pytest.approx(0.0, abs=1e-10)


@pytest.mark.parametrize("normalize", [True, False])
def test_a_single_channel_gives_nothing(normalize: bool) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it may well say that this is of no use
        assert penalty(np.random.default_rng(2).normal(size=(9, 4, 4, 1)), normalize) == 0.0


def test_raw_form_is_the_formula_of_the_paper(features) -> None:
    covariance = np.cov(features.T.astype(np.float64), ddof=0)
    expected = 0.5 * (np.sum(covariance**2) - np.sum(np.diag(covariance) ** 2))
    assert penalty(features, normalize=False) == pytest.approx(expected, rel=1e-5)
    assert penalty(features.reshape(5, 2, 4, 4), normalize=False) == pytest.approx(expected, rel=1e-5)


def test_normalised_form_is_half_the_mean_squared_correlation(features) -> None:
    correlation = np.corrcoef(features.T.astype(np.float64))
    expected = 0.5 * np.mean(correlation[~np.eye(4, dtype=bool)] ** 2)
    assert penalty(features) == pytest.approx(expected, rel=1e-4)


@pytest.mark.parametrize("scale", [1e-6, 1e-3, 1e3])
def test_normalised_form_cannot_be_lowered_by_scaling(features, scale: float) -> None:
    assert penalty(features * np.float32(scale)) == pytest.approx(penalty(features), rel=1e-3)


def gradient(rows, normalize: bool = True) -> np.ndarray:
    y = tf.constant(rows, tf.float32)
    with tf.GradientTape() as tape:
        tape.watch(y)
        value = covariance_redundancy(y, normalize)
    return tape.gradient(value, y).numpy()


def test_constant_channels_give_finite_values_and_gradients(features) -> None:
    rows = features.copy()
    rows[:, 1] = 2.5
    assert np.isfinite(penalty(rows))
    assert np.isfinite(gradient(rows)).all()
    assert penalty(np.ones((10, 3))) == 0.0
    assert np.isfinite(gradient(np.ones((10, 3)))).all()


@pytest.mark.parametrize("normalize", [True, False])
def test_the_gradient_is_the_slope(features, normalize: bool) -> None:
    rows = features[:8]

    def exact(y: np.ndarray) -> float:
        covariance = np.cov(y.T, ddof=0)
        if normalize:
            covariance = np.corrcoef(y.T)
        off = np.sum(covariance**2) - np.sum(np.diag(covariance) ** 2)
        return 0.5 * off / (12 if normalize else 1)

    slopes, step = np.zeros((8, 4)), 1e-5
    for index in np.ndindex(8, 4):
        shift = np.zeros((8, 4))
        shift[index] = step
        slopes[index] = (exact(rows + shift) - exact(rows - shift)) / (2 * step)
    scale = np.abs(slopes).max()
    np.testing.assert_allclose(gradient(rows, normalize) / scale, slopes / scale, atol=2e-3)


def test_a_step_against_the_gradient_lowers_the_penalty(features) -> None:
    assert penalty(features - 0.5 * gradient(features)) < penalty(features)


def test_half_precision_is_computed_in_float32(features) -> None:
    y = tf.constant(features, tf.float16)
    assert covariance_redundancy(y).dtype == tf.float32


def test_a_single_channel_is_warned_of() -> None:
    with pytest.warns(UserWarning, match="one channel has no correlations, the penalty is 0 for ever"):
        covariance_redundancy(tf.zeros((4, 1)))


def test_positions_are_taken_at_the_stride() -> None:
    maps = np.random.default_rng(4).normal(size=(2, 7, 9, 3)).astype(np.float32)
    assert penalty(maps[:, ::3, ::3]) == pytest.approx(float(covariance_redundancy(maps, stride=3)))
    sequences = maps[:, 0]
    assert penalty(sequences[:, ::2]) == pytest.approx(float(covariance_redundancy(sequences, stride=2)))
    vectors = maps[0, 0]
    assert penalty(vectors) == float(covariance_redundancy(vectors, stride=2))  # vectors have no positions


@pytest.mark.parametrize("normalize", [True, False])
def test_a_batch_of_one_vector_gives_nothing(normalize: bool) -> None:
    assert penalty([[1.0, 2.0, 3.0]], normalize) == 0.0
    assert not gradient([[1.0, 2.0, 3.0]], normalize).any()


@pytest.mark.parametrize("normalize", [True, False])
@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_what_is_no_number_stays_none(features, normalize: bool, bad: float) -> None:
    rows = features.copy()
    rows[3, 1] = bad
    assert np.isnan(penalty(rows, normalize))


def test_half_precision_gives_the_value_of_the_same_numbers_in_single(features) -> None:
    half = (1000.0 * features).astype(np.float16)  # squares of these overflow in float16
    assert float(covariance_redundancy(tf.constant(half))) == penalty(half)


@pytest.mark.parametrize(
    ("shape", "stride", "message"), [((4, 3), 0, "stride is 0"), ((4, 3), 1.5, "stride is 1.5"), ((), 1, "last axis")]
)
def test_wrong_use_says_what_is_allowed(shape, stride, message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        covariance_redundancy(tf.zeros(shape), stride=stride)
