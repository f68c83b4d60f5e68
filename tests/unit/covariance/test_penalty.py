"""Which features the penalty acts on, and that its value is the one that is known."""

import logging

import numpy as np
import pytest
import tensorflow as tf
import tf_keras

from edge_nas.covariance.decov import covariance_redundancy
from edge_nas.covariance.penalty import FeaturePenalty
from edge_nas.errors import ConfigError
from edge_nas.graph.flatten import mirror
from edge_nas.graph.probes import Probe
from edge_nas.models import DepthwiseSepConv

L = tf_keras.layers


@pytest.fixture(scope="module")
def twin():
    class Net(tf_keras.Model):
        def __init__(self) -> None:
            super().__init__()
            self.block, self.middle, self.probe, self.logit = (
                DepthwiseSepConv(4),
                L.Conv2D(3, 1),
                Probe("seen"),
                L.Conv2D(1, 1),
            )

        def call(self, x):
            return self.logit(self.probe(self.middle(self.block(x))))

    tf_keras.utils.set_random_seed(0)
    return mirror(Net(), (8, 8, 3))


def names(penalty: FeaturePenalty) -> dict[str, float]:
    return {feature.name: feature.weight for feature in penalty.features}


@pytest.mark.parametrize(
    ("weight", "where", "chosen"),
    [
        (0.5, "output", {"middle": 0.5}),
        (0.5, "block_*wise", {"block_depthwise": 0.5, "block_pointwise": 0.5}),
        (0.5, ["output", "seen"], {"middle": 0.5, "seen": 0.5}),
        (None, {"output": 0.25, "seen": 0.5}, {"middle": 0.25, "seen": 0.5}),
        (None, {"block_*wise": 1, "block_pointwise": 2.0}, {"block_depthwise": 1.0, "block_pointwise": 2.0}),
        (0.5, ["logit", "middle"][1:], {"middle": 0.5}),
        (0.5, "re:logit|middle", {"middle": 0.5}),  # the one with one channel has no correlations
    ],
)
def test_features_and_weights(twin, weight, where, chosen: dict[str, float]) -> None:
    penalty = FeaturePenalty(twin.flat, weight, where, twin.probed)
    assert names(penalty) == chosen
    assert penalty.weight == sum(chosen.values())


@pytest.mark.parametrize(
    ("weight", "where", "message"),
    [
        (-0.1, "output", "weight is -0.1; allowed: a number from 0"),
        (float("nan"), "output", "weight is nan"),
        ("much", "output", "weight is 'much'"),
        (None, "output", "no weight is given"),
        (None, {"middle": -1}, "the weight of 'middle' is -1"),
        (0.1, {"middle": 1}, "leave weight out"),
        (None, {}, "where is empty"),
        (0.1, [], "where is empty"),
        (0.1, "midle", "nearest: middle"),
        (0.1, "logit", "one channel, which has no correlations"),
    ],
)
def test_wrong_use_says_what_to_do(twin, weight, where, message: str) -> None:
    with pytest.raises(ConfigError) as caught:
        FeaturePenalty(twin.flat, weight, where, twin.probed)
    assert message in str(caught.value)


def test_the_penalty_is_the_weighted_mean(twin) -> None:
    penalty = FeaturePenalty(twin.flat, None, {"middle": 1.0, "block_pointwise": 3.0})
    images = tf.random.stateless_uniform((4, 8, 8, 3), (0, 1), -1, 1)
    _, features = penalty.network(images)
    first, second = (float(covariance_redundancy(value)) for value in features)
    assert first != pytest.approx(second)
    assert float(penalty.penalty(features)) == pytest.approx((first + 3 * second) / 4)


def test_positions_are_taken_at_the_stride(twin) -> None:
    penalty = FeaturePenalty(twin.flat, 1.0, "middle", stride=4)
    images = tf.random.stateless_uniform((4, 8, 8, 3), (0, 1), -1, 1)
    _, (features,) = penalty.network(images)
    corner = np.asarray(features)[:, ::4, ::4]
    assert float(penalty.penalty([features])) == pytest.approx(float(covariance_redundancy(corner)))


def test_known_features_have_the_known_penalty(known) -> None:
    twin = mirror(known.model)
    penalty = FeaturePenalty(twin.flat, 1.0)
    assert list(names(penalty)) == [known.features]
    value = float(penalty.penalty(penalty.network(known.images, training=False)[1]))
    if known.score is None:
        assert 0.01 < value < 0.49
    else:
        assert value == pytest.approx(known.score / 2, abs=1e-3)


def test_no_word_in_the_log_for_a_network_with_several_outputs_channels(caplog: pytest.LogCaptureFixture) -> None:
    from edge_nas.covariance.decorrelation import with_decov

    inputs = L.Input((8, 8, 3))
    with caplog.at_level(logging.INFO, "edge_nas"):
        with_decov(tf_keras.Model(inputs, L.Conv2D(2, 1)(inputs)), 0.1)
    assert not caplog.records
    with caplog.at_level(logging.INFO, "edge_nas"):
        with_decov(tf_keras.Model(inputs, L.Conv2D(1, 1)(L.Conv2D(2, 1, name="before")(inputs))), 0.1)
    assert "the features of before" in caplog.text
