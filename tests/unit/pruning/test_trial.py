"""Trials by rows of zeros say what the really narrowed network would, and leave no trace."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import tf_keras

from edge_nas.graph.groups import channel_graph
from edge_nas.graph.residuals import muted, residual_blocks
from edge_nas.pruning.criteria import eliminations
from edge_nas.pruning.distance import OutputDistance, outputs_of
from edge_nas.pruning.evidence import Evidence
from edge_nas.pruning.oneshot import reader_moments
from edge_nas.pruning.trial import Trial

L = tf_keras.layers
ALL = {"a": 6, "b": 5, "up": 4, "join": 4}


@pytest.fixture(scope="module")
def images() -> np.ndarray:
    return np.random.default_rng(0).uniform(-1, 1, (16, 8, 8, 3)).astype(np.float32)


def network() -> tf_keras.Model:
    inputs = L.Input((8, 8, 3))
    a = L.ReLU()(L.BatchNormalization()(L.Conv2D(6, 3, padding="same", use_bias=False, name="a")(inputs)))
    branch = L.BatchNormalization(name="end")(L.Conv2D(6, 1, use_bias=False, name="branch")(a))
    a = L.Add(name="block")([a, branch])
    b = L.SeparableConv2D(5, 3, padding="same", depth_multiplier=2, activation="relu", name="b")(a)
    up = L.Conv2DTranspose(4, 2, strides=2, name="up")(L.MaxPooling2D()(b))
    x = L.Conv2D(4, 3, padding="same", use_bias=False, name="join")(L.Concatenate()([a, up]))
    return tf_keras.Model(inputs, L.Conv2D(1, 1, name="logit")(L.ReLU()(L.BatchNormalization()(x))))


@pytest.fixture(scope="module")
def parts(randomized: Callable[..., Any], images: np.ndarray) -> tuple[Any, ...]:
    model = randomized(network())
    graph = channel_graph(model)
    orders = eliminations(Evidence(model, graph, images), "covariance")
    return model, graph, orders, reader_moments(model, graph, images, 5000, 0)


@pytest.fixture(scope="module")
def trial(parts: tuple[Any, ...], images: np.ndarray) -> Trial:
    model, graph, orders, moments = parts
    return Trial(model, graph, orders, moments, images=images, ridge=1e-3)


def test_with_all_channels_the_outputs_are_the_originals(trial: Trial) -> None:
    assert trial.distance(ALL) < 1e-6


@pytest.mark.parametrize("group", ["a", "b", "up", "join"])
def test_the_less_is_kept_the_farther_it_is_and_nothing_is_left_of_a_trial(group: str, trial: Trial) -> None:
    first, second = (trial.distance({**ALL, group: width}) for width in (ALL[group] - 1, 1))
    assert first < second
    assert second > 1e-6
    assert trial.distance(ALL) < 1e-6
    assert trial.distance({**ALL, group: 1}) == second


def test_repair_brings_it_nearer(trial: Trial, parts: tuple[Any, ...], images: np.ndarray) -> None:
    model, graph, orders, _ = parts
    bare = Trial(model, graph, orders, {}, images=images, ridge=1e-3)
    assert bare.distance({**ALL, "a": 3}) > trial.distance({**ALL, "a": 3})
    assert bare.distance(ALL) == pytest.approx(0.0, abs=1e-6)


def test_a_muted_block_adds_nothing(trial: Trial, parts: tuple[Any, ...], images: np.ndarray) -> None:
    model = parts[0]
    (block,) = residual_blocks(model)
    expected = OutputDistance(model, images).of(outputs_of(muted(model, [block]), images))
    assert trial.distance(ALL, [block]) == pytest.approx(expected, rel=1e-5)
    assert expected > 1e-3
    assert trial.distance(ALL) < 1e-6
