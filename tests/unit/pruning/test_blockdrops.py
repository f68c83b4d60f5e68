"""What a linear map leaves out of a block's output, where the answer is known."""

import numpy as np
import pytest
import tf_keras

from edge_nas.graph.residuals import residual_blocks
from edge_nas.pruning.blockdrops import unrecovered, unrecovered_shares

L = tf_keras.layers


def _covariance(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    return np.cov(np.concatenate([x, y], axis=1).T, ddof=0)


def test_of_covariances() -> None:
    x = np.random.default_rng(0).standard_normal((200_000, 3))
    noise = np.random.default_rng(1).standard_normal((200_000, 3))
    mixed = x @ np.array([[1.0, 2.0, 0.0], [0.0, 1.0, 0.5], [3.0, 0.0, 1.0]])
    assert unrecovered(_covariance(x, mixed)) == pytest.approx(0.0, abs=1e-5)
    assert unrecovered(_covariance(x, x + noise)) == pytest.approx(0.5, abs=0.01)
    assert unrecovered(_covariance(x, x + 3 * noise)) == pytest.approx(0.9, abs=0.01)
    # Of something that is as often on one side as on the other, its size says nothing that a line could.
    assert unrecovered(_covariance(x, np.abs(x))) == pytest.approx(1.0, abs=0.01)
    assert unrecovered(_covariance(x, np.full_like(x, 2.0))) == 0.0


def test_of_a_network() -> None:
    """A linear block is recovered; of one that adds |x|/2, that is not: (1 − 2/π)/4 beside the variance 1 of x.

    Var |x| = 1 − 2/π for normal x of variance 1, which no line recovers, as x and |x| are not correlated.
    """
    inputs = L.Input((4, 4, 2))
    linear = L.BatchNormalization(name="linear_end")(L.Conv2D(2, 1, use_bias=False, name="map")(inputs))
    x = L.Add(name="linear")([inputs, linear])
    y = L.Conv2D(4, 1, use_bias=False, activation="relu", name="both")(x)
    y = L.BatchNormalization(name="size_end", epsilon=0.0)(L.Conv2D(2, 1, use_bias=False, name="size")(y))
    model = tf_keras.Model(inputs, L.Add(name="sized")([x, y]))
    model.get_layer("map").set_weights([np.zeros((1, 1, 2, 2), np.float32)])
    model.get_layer("both").set_weights([np.array([[1, 0, -1, 0], [0, 1, 0, -1]], np.float32).reshape(1, 1, 2, 4)])
    model.get_layer("size").set_weights([0.5 * np.array([[1, 0], [0, 1]] * 2, np.float32).reshape(1, 1, 4, 2)])
    images = np.random.default_rng(0).standard_normal((2000, 4, 4, 2)).astype(np.float32)
    shares = unrecovered_shares(model, residual_blocks(model), images)
    size = 0.25 * (1 - 2 / np.pi)
    assert shares == {"linear": pytest.approx(0.0, abs=1e-5), "sized": pytest.approx(size / (1 + size), abs=0.003)}


def test_without_blocks_there_is_nothing_to_tell() -> None:
    inputs = L.Input((4, 4, 2))
    assert unrecovered_shares(tf_keras.Model(inputs, L.Conv2D(1, 1)(inputs)), (), np.zeros((1, 4, 4, 2))) == {}
