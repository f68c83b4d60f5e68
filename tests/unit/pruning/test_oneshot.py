"""From stored moments a reader is solved as from the rows themselves."""

import numpy as np
import pytest
import tf_keras

from edge_nas.graph.groups import channel_graph
from edge_nas.pruning.oneshot import reader_moments

L = tf_keras.layers


@pytest.fixture(scope="module")
def images() -> np.ndarray:
    return np.random.default_rng(0).uniform(-1, 1, (16, 8, 8, 3)).astype(np.float32)


@pytest.fixture(scope="module")
def network(randomized):
    """Channel 2 of `first` is half of channel 0, less channel 1, and 0.7."""
    inputs = L.Input((8, 8, 3))
    x = L.Conv2D(5, 1, name="reader")(L.Conv2D(4, 3, name="first")(inputs))
    model = randomized(tf_keras.Model(inputs, L.Conv2D(1, 1, name="logit")(x)))
    kernel, bias = model.get_layer("first").get_weights()
    kernel[..., 2] = 0.5 * kernel[..., 0] - kernel[..., 1]
    bias[2] = 0.5 * bias[0] - bias[1] + 0.7
    model.get_layer("first").set_weights([kernel, bias])
    return model


def test_a_channel_that_follows_from_the_kept_ones_is_shared_out_among_them(network, images) -> None:
    moments = reader_moments(network, channel_graph(network), images, samples=10**6, seed=0)
    assert sorted(moments) == ["logit", "reader"]
    original = moments["reader"].kernel
    kernel, bias = moments["reader"].solve([0, 1, 3], ridge=1e-12)
    expected = original[[0, 1, 3]] + np.array([[0.5], [-1.0], [0.0]]) * original[2]
    np.testing.assert_allclose(kernel, expected, atol=1e-4)
    np.testing.assert_allclose(bias, 0.7 * original[2], atol=1e-4)


def test_with_all_channels_kept_nothing_changes(network, images) -> None:
    moments = reader_moments(network, channel_graph(network), images, samples=100, seed=0)["reader"]
    kernel, bias = moments.solve([0, 1, 2, 3], ridge=1e-3)
    np.testing.assert_array_equal(kernel, moments.kernel)
    np.testing.assert_array_equal(bias, np.zeros(5))


def test_statistics_are_those_of_all_positions_and_of_all_calls(randomized) -> None:
    images = np.random.default_rng(1).uniform(-1, 1, (6, 4, 8, 3)).astype(np.float32)
    inputs = L.Input((4, 8, 3))
    first, shared = L.Conv2D(4, 1, name="first"), L.Conv2D(2, 1, name="shared")
    halves = [L.Cropping2D(((0, 0), sides))(inputs) for sides in ((0, 4), (4, 0))]
    halves = [shared(first(half)) for half in halves]
    model = randomized(tf_keras.Model(inputs, L.Concatenate(axis=2)(halves)))
    moments = reader_moments(model, channel_graph(model), images, samples=10**6, seed=0)["shared"]
    kernel, bias = model.get_layer("first").get_weights()
    rows = images.reshape(-1, 3) @ kernel[0, 0] + bias
    np.testing.assert_allclose(moments.mean, rows.mean(axis=0), atol=1e-6)
    np.testing.assert_allclose(moments.covariance, np.cov(rows.T, ddof=0), atol=1e-6)


def test_no_covariance_is_taken_of_rows_that_are_too_long(network, images, monkeypatch) -> None:
    monkeypatch.setattr("edge_nas.pruning.oneshot.LONGEST_ROW", 4)
    assert sorted(reader_moments(network, channel_graph(network), images, samples=100, seed=0)) == ["reader"]
