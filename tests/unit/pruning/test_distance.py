"""Outputs are compared by what they are: probabilities by their divergence, values by their squared error."""

import numpy as np
import pytest
import tf_keras

from edge_nas.pruning.distance import OutputDistance, outputs_of

L = tf_keras.layers


@pytest.fixture(scope="module")
def images() -> np.ndarray:
    return np.random.default_rng(0).uniform(-1, 1, (16, 8, 8, 3)).astype(np.float32)


@pytest.mark.parametrize("last", ["logit", "sigmoid", "softmax", "values"])
def test_a_network_farther_away_has_a_larger_distance(last: str, images, randomized) -> None:
    inputs = L.Input((8, 8, 3))
    head = {
        "logit": L.Conv2D(1, 1),
        "sigmoid": L.Conv2D(2, 1, activation="sigmoid"),
        "softmax": L.Conv2D(3, 1, activation="softmax"),
        "values": L.Conv2D(3, 1),
    }[last]
    model = randomized(tf_keras.Model(inputs, head(inputs)))
    own = outputs_of(model, images)
    distance = OutputDistance(model, images)
    assert distance.of(own) == pytest.approx(0.0, abs=1e-6)
    near, far = (randomized(tf_keras.models.clone_model(model), seed) for seed in (0, 1))
    near.set_weights([w + 0.01 for w in model.get_weights()])
    one, other = (distance.of(outputs_of(net, images)) for net in (near, far))
    assert 0 < one < other


def test_the_distance_of_logits_is_their_divergence(images) -> None:
    inputs = L.Input((8, 8, 3))
    model = tf_keras.Model(inputs, L.Conv2D(1, 1)(inputs))
    distance = OutputDistance(model, images)
    wanted = outputs_of(model, images)[0].astype(np.float64)
    p, q = 1 / (1 + np.exp(-wanted)), 1 / (1 + np.exp(-(wanted + 1)))
    expected = np.mean(p * np.log(p / q) + (1 - p) * np.log((1 - p) / (1 - q)))
    assert distance.of([(wanted + 1).astype(np.float32)]) == pytest.approx(expected, rel=1e-3)


def test_a_task_says_what_outputs_are(images) -> None:
    inputs = L.Input((8, 8, 3))
    model = tf_keras.Model(inputs, L.Dense(3)(L.GlobalAveragePooling2D()(inputs)))
    wanted = outputs_of(model, images)[0].astype(np.float64)
    other = wanted + np.array([0.5, 0.0, -0.5])
    p, q = (np.exp(x) / np.exp(x).sum(axis=1, keepdims=True) for x in (wanted, other))
    expected = np.mean((p * np.log(p / q)).sum(axis=1))
    seen = [other.astype(np.float32)]
    assert OutputDistance(model, images, "logits").of(seen) == pytest.approx(expected, rel=1e-3)
    shifted = [(wanted + 7).astype(np.float32)]  # the same classes, other values
    assert OutputDistance(model, images, "logits").of(shifted) == pytest.approx(0.0, abs=1e-5)
    assert OutputDistance(model, images, "value").of(shifted) == pytest.approx(49 / np.var(wanted), rel=1e-3)
