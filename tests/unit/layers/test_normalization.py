"""A BatchNorm as one gain and one shift per channel."""

import numpy as np
import pytest
import tf_keras

from edge_nas.layers import kind_of
from edge_nas.layers.normalization import BATCHNORM, gain_and_shift

L = tf_keras.layers


@pytest.mark.parametrize("settings", [{}, {"scale": False}, {"center": False}], ids=str)
def test_gain_and_shift_are_what_the_layer_computes_in_inference(settings, randomized) -> None:
    inputs = L.Input((4,))
    layer = L.BatchNormalization(epsilon=0.01, **settings)
    model = randomized(tf_keras.Model(inputs, layer(inputs)))
    x = np.random.default_rng(0).normal(size=(5, 4)).astype(np.float32)
    gain, shift = gain_and_shift(layer)
    np.testing.assert_allclose(model(x), gain * x + shift, atol=1e-5)


def test_a_batchnorm_of_known_statistics() -> None:
    layer = L.BatchNormalization(epsilon=0.0)
    layer.build((None, 2))
    layer.set_weights([np.array([3.0, 1.0]), np.array([1.0, 0.0]), np.array([2.0, -1.0]), np.array([4.0, 0.25])])
    gain, shift = gain_and_shift(layer)
    np.testing.assert_allclose(gain, [1.5, 2.0])
    np.testing.assert_allclose(shift, [-2.0, 2.0])


def test_only_a_batchnorm_counts_as_one() -> None:
    assert kind_of(L.BatchNormalization()) is BATCHNORM
    assert kind_of(L.LayerNormalization()) is not BATCHNORM
    with_a_rule_of_its_own = L.BatchNormalization()
    with_a_rule_of_its_own.channel_rule = kind_of(L.ReLU()).channels
    assert kind_of(with_a_rule_of_its_own) is not BATCHNORM
