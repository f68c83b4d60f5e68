"""Trials by rows of zeros say what the really narrowed network would, and leave no trace."""

import numpy as np
import pytest
import tf_keras

from edge_nas.graph.groups import channel_graph
from edge_nas.pruning.criteria import eliminations
from edge_nas.pruning.distance import OutputDistance, outputs_of
from edge_nas.pruning.evidence import Evidence
from edge_nas.pruning.oneshot import reader_moments
from edge_nas.pruning.trial import Trial

L = tf_keras.layers


@pytest.fixture(scope="module")
def images() -> np.ndarray:
    return np.random.default_rng(0).uniform(-1, 1, (16, 8, 8, 3)).astype(np.float32)


def network():
    inputs = L.Input((8, 8, 3))
    a = L.ReLU()(L.BatchNormalization()(L.Conv2D(6, 3, padding="same", use_bias=False, name="a")(inputs)))
    b = L.SeparableConv2D(5, 3, padding="same", depth_multiplier=2, activation="relu", name="b")(a)
    up = L.Conv2DTranspose(4, 2, strides=2, name="up")(L.MaxPooling2D()(b))
    x = L.Conv2D(4, 3, padding="same", use_bias=False, name="join")(L.Concatenate()([a, up]))
    return tf_keras.Model(inputs, L.Conv2D(1, 1, name="logit")(L.ReLU()(L.BatchNormalization()(x))))


@pytest.fixture(scope="module")
def parts(randomized, images):
    model = randomized(network())
    graph = channel_graph(model)
    orders = eliminations(Evidence(model, graph, images), "covariance")
    return model, graph, orders, reader_moments(model, graph, images, 5000, 0)


def trial_of(parts, images) -> Trial:
    model, graph, orders, moments = parts
    return Trial(model, graph, orders, moments, images=images, ridge=1e-3)


def test_whole_the_network_answers_as_the_original(parts, images) -> None:
    assert trial_of(parts, images).distance < 1e-6


@pytest.mark.parametrize("group", ["a", "b", "up", "join"])
def test_a_trial_says_what_the_cut_network_would(group: str, parts, images) -> None:
    trial, cut = trial_of(parts, images), trial_of(parts, images)
    before = trial.distance
    tried = trial.distance_with(group, 2)
    cut.cut({**trial.widths, group: 2})
    assert tried == pytest.approx(cut.distance, rel=1e-3)
    assert tried > 1e-4
    assert trial.distance == before
    assert trial.distance_with(group, 2) == tried  # nothing is left of the first trial
    trial.narrow(group, 2)
    assert trial.distance == pytest.approx(tried)
    assert trial.widths[group] == 2


def test_steps_one_after_the_other_end_where_one_cut_does(parts, images) -> None:
    trial, cut = trial_of(parts, images), trial_of(parts, images)
    for group, width in (("a", 4), ("up", 3), ("a", 3), ("join", 2)):
        trial.narrow(group, width)
    cut.cut({**cut.widths, "a": 3, "up": 3, "join": 2})
    assert trial.distance == pytest.approx(cut.distance, rel=1e-3)


def test_readers_without_moments_are_not_repaired_but_tried_all_the_same(parts, images) -> None:
    model, graph, orders, _ = parts
    bare = Trial(model, graph, orders, {}, images=images, ridge=1e-3)
    repaired = trial_of(parts, images)
    assert bare.distance_with("a", 3) > repaired.distance_with("a", 3)
    assert bare.distance_with("b", 5) == pytest.approx(0.0, abs=1e-6)


@pytest.mark.parametrize("last", ["logit", "sigmoid", "softmax", "values"])
def test_answers_are_compared_by_what_they_mean(last: str, images, randomized) -> None:
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


def test_the_cross_entropy_is_the_known_one(images) -> None:
    inputs = L.Input((8, 8, 3))
    model = tf_keras.Model(inputs, L.Conv2D(1, 1)(inputs))
    distance = OutputDistance(model, images)
    wanted = outputs_of(model, images)[0].astype(np.float64)
    p, q = 1 / (1 + np.exp(-wanted)), 1 / (1 + np.exp(-(wanted + 1)))
    expected = np.mean(p * np.log(p / q) + (1 - p) * np.log((1 - p) / (1 - q)))
    assert distance.of([(wanted + 1).astype(np.float32)]) == pytest.approx(expected, rel=1e-3)


def test_a_task_says_what_outputs_mean(images) -> None:
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
