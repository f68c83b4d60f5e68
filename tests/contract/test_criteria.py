"""What every registered criterion promises, whoever wrote it."""

import numpy as np
import pytest
import tf_keras

from edge_nas.core.extensions import CRITERIA
from edge_nas.errors import ConfigError
from edge_nas.graph.groups import channel_graph
from edge_nas.pruning.evidence import Evidence

L = tf_keras.layers


def build(width: int = 6):
    """Two layers tied by an addition, two readers, one behind a concatenation, a depthwise layer; BatchNorm on all."""
    inputs = L.Input((8, 8, 3))
    a = L.BatchNormalization(name="bn_a")(L.Conv2D(width, 3, padding="same", name="a")(inputs))
    b = L.BatchNormalization(name="bn_b")(L.Conv2D(width, 1, name="b")(inputs))
    x = L.ReLU()(L.Add()([a, b]))
    left = L.BatchNormalization()(L.Conv2D(4, 3, padding="same", name="left")(L.DepthwiseConv2D(3, padding="same")(x)))
    right = L.BatchNormalization()(L.Conv2D(5, 1, name="right")(L.Concatenate()([x, left])))
    return tf_keras.Model(inputs, L.Conv2D(1, 1, name="logit")(L.ReLU()(right)))


@pytest.fixture(scope="module")
def evidence(request):
    generator = np.random.default_rng(0)
    model = build()
    model.set_weights([generator.uniform(0.1, 1.0, w.shape) - 0.5 * (w.ndim > 1) for w in model.get_weights()])
    images = generator.uniform(-1, 1, (8, 8, 8, 3)).astype(np.float32)
    masks = generator.integers(0, 2, (8, 8, 8)).astype(np.uint8)
    return Evidence(model, channel_graph(model), images, labels=masks, seed=3)


@pytest.fixture(params=sorted(CRITERIA))
def name(request) -> str:
    return request.param


def test_it_orders_all_channels_but_the_last_and_says_what_each_takes(name: str, evidence) -> None:
    assert len(evidence.graph.free) >= 3
    for group in evidence.graph.free:
        order = CRITERIA.get(name)(evidence, group)
        assert len(order.removed) == len(order.losses) == group.channels - 1
        assert len(set(order.removed)) == group.channels - 1
        assert set(order.removed) <= set(range(group.channels))
        assert all(type(index) is int for index in order.removed)
        assert all(loss >= -1e-9 for loss in order.losses)
        assert sum(order.losses) <= 1.0 + 1e-6


def test_it_follows_from_its_evidence_and_changes_nothing(name: str, evidence) -> None:
    before = [w.copy() for w in evidence.model.get_weights()]
    group = evidence.graph.free[0]
    assert CRITERIA.get(name)(evidence, group) == CRITERIA.get(name)(evidence, group)
    for old, new in zip(before, evidence.model.get_weights(), strict=True):
        np.testing.assert_array_equal(old, new)


def test_it_says_where_it_comes_from(name: str) -> None:
    text = CRITERIA.get(name).__doc__ or ""
    assert any(year in text for year in ("19", "20")), "a criterion cites its source"


def test_a_group_of_one_channel_has_nothing_to_lose(name: str, evidence) -> None:
    model = build(width=1)
    images = np.random.default_rng(1).uniform(-1, 1, (4, 8, 8, 3)).astype(np.float32)
    lone = Evidence(model, channel_graph(model), images, labels=np.zeros((4, 8, 8), np.uint8))
    group = next(group for group in lone.graph.free if group.channels == 1)
    order = CRITERIA.get(name)(lone, group)
    assert (order.removed, order.losses) == ((), ())


def test_unknown_criteria_are_refused_with_the_nearest() -> None:
    with pytest.raises(ConfigError, match=r"unknown criterion 'covarance'; known: .*did you mean 'covariance'"):
        CRITERIA.get("covarance")
