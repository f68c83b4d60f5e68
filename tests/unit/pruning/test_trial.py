"""Trials by rows of zeros say what the really narrowed network would, and leave no trace."""

import numpy as np
import pytest
import tf_keras

from edge_nas.graph.groups import channel_graph
from edge_nas.pruning.criteria import eliminations
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


def test_with_all_channels_the_outputs_are_the_originals(parts, images) -> None:
    assert trial_of(parts, images).distance < 1e-6


@pytest.mark.parametrize("group", ["a", "b", "up", "join"])
def test_a_trial_tells_the_distance_of_the_cut_network(group: str, parts, images) -> None:
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


def test_narrowings_one_after_the_other_end_where_one_cut_does(parts, images) -> None:
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
