"""Which pre-activations a ReLU lets make a difference."""

import numpy as np
import pytest
import tf_keras

from edge_nas.graph.walk import batchnorm_after, layer_calls, output_keys
from edge_nas.pruning.saturation import ActiveRange, active_range

L = tf_keras.layers
INF = np.inf


def active_range_of(build):
    inputs = L.Input((4, 4, 3))
    model = tf_keras.Model(inputs, L.Conv2D(1, 1)(build(inputs)))
    calls, outputs = layer_calls(model), output_keys(model)
    call = next(call for call in calls if call.layer.name == "conv")
    return active_range(call, batchnorm_after(call, calls, outputs), calls, outputs)


def conv(**settings):
    return L.Conv2D(2, 1, name="conv", **settings)


@pytest.mark.parametrize(
    ("build", "low", "high"),
    [
        (conv(), -INF, INF),
        (conv(activation="relu"), 0.0, INF),
        (conv(activation="tanh"), -INF, INF),
        (lambda x: L.ReLU()(conv()(x)), 0.0, INF),
        (lambda x: L.ReLU(6.0)(conv()(x)), 0.0, 6.0),
        (lambda x: L.Activation("relu")(conv()(x)), 0.0, INF),
        (lambda x: L.ReLU(negative_slope=0.1)(conv()(x)), -INF, INF),
        (lambda x: L.LeakyReLU()(conv()(x)), -INF, INF),
        (lambda x: L.ReLU()(L.MaxPooling2D()(conv()(x))), -INF, INF),
        (lambda x: L.Add()([y := conv()(x), L.ReLU()(y)]), -INF, INF),
        (lambda x: L.Activation("sigmoid")(conv(activation="relu")(x)), 0.0, INF),
    ],
    ids=["linear", "relu", "tanh", "ReLU", "ReLU6", "Activation", "slope", "leaky", "pooled", "two readers", "inside"],
)
def test_the_range_is_that_of_the_relu_right_behind(build, low: float, high: float) -> None:
    active = active_range_of(build)
    np.testing.assert_array_equal(active.low, [low, low])
    np.testing.assert_array_equal(active.high, [high, high])
    assert active.unbounded == (low == -INF and high == INF)


def test_a_batchnorm_in_between_moves_and_turns_the_range() -> None:
    norm = L.BatchNormalization(epsilon=0.0)

    def build(x):
        x = norm(conv(use_bias=False)(x))
        norm.set_weights([np.array(w, np.float32) for w in ([2.0, -1.0], [1.0, 3.0], [0.5, 0.0], [4.0, 1.0])])
        return L.ReLU(6.0)(x)

    active = active_range_of(build)  # gains 1 and -1, shifts 0.5 and 3
    np.testing.assert_allclose(active.low, [-0.5, -3.0], atol=1e-6)
    np.testing.assert_allclose(active.high, [5.5, 3.0], atol=1e-6)


def test_a_gain_of_zero_makes_nothing_matter() -> None:
    norm = L.BatchNormalization()

    def build(x):
        x = norm(conv()(x))
        norm.gamma.assign([0.0, 1.0])
        return L.ReLU()(x)

    active = active_range_of(build)
    targets = active.targets(np.array([[1.0, 1.0]]), np.array([[7.0, 7.0]]))
    np.testing.assert_array_equal(targets, [[7.0, 1.0]])


def test_targets_beyond_the_range_are_the_current_outputs_if_those_lie_beyond_too() -> None:
    active = ActiveRange(np.array([0.0]), np.array([6.0]))
    original = np.array([[-2.0], [-2.0], [3.0], [8.0], [8.0]])
    current = np.array([[-5.0], [4.0], [-5.0], [4.0], [9.0]])
    np.testing.assert_array_equal(active.targets(original, current), [[-5.0], [0.0], [3.0], [6.0], [9.0]])
