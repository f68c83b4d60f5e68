"""Which tensor output decorrelation acts on."""

import pytest
import tensorflow as tf
import tf_keras

from edge_nas.errors import GraphError
from edge_nas.graph.features import output_features

L = tf_keras.layers


def features_of(build):
    inputs = L.Input((8, 8, 3), name="image")
    return output_features(tf_keras.Model(inputs, build(inputs)))


def body(x):
    return L.ReLU(name="relu")(L.Conv2D(6, 1, name="conv")(x))


def test_several_output_channels_are_decorrelated_themselves() -> None:
    features = features_of(lambda x: L.Conv2D(2, 1, name="head")(body(x)))
    assert (features.layer, features.feeds_output_layer, features.tensor.shape[-1]) == ("head", False, 2)


@pytest.mark.parametrize(
    "tail",
    [
        L.Conv2D(1, 1),
        lambda x: L.UpSampling2D(2, interpolation="bilinear")(L.Conv2D(1, 1)(x)),
        lambda x: L.Activation("sigmoid")(L.UpSampling2D()(L.Conv2D(1, 3, padding="same")(x))),
        L.SeparableConv2D(1, 3),
        lambda x: L.Conv2D(1, 3)(L.Conv2D(1, 1)(x)),
        lambda x: tf.reduce_mean(x, axis=-1, keepdims=True),
    ],
    ids=["logit", "enlarged logit", "enlarged probability", "separable logit", "smoothed logit", "mean"],
)
def test_one_output_channel_decorrelates_what_feeds_the_output_layer(tail) -> None:
    features = features_of(lambda x: tail(body(x)))
    assert (features.layer, features.feeds_output_layer, features.tensor.shape[-1]) == ("relu", True, 6)


def test_features_may_be_a_concatenation() -> None:
    features = features_of(lambda x: L.Conv2D(1, 1)(L.Concatenate(name="join")([body(x), x])))
    assert (features.layer, features.tensor.shape[-1]) == ("join", 9)


def test_an_output_put_together_from_several_logits_is_refused() -> None:
    def build(x):
        x = body(x)
        return L.Add(name="sum")([L.Conv2D(1, 1)(x), L.Conv2D(1, 3, padding="same")(x)])

    with pytest.raises(GraphError, match=r"output layer 'sum' has 2 inputs: .*set decov_weight to 0"):
        features_of(build)


def test_a_network_of_one_channel_from_end_to_end_is_refused() -> None:
    inputs = L.Input((8, 8, 1), name="image")
    with pytest.raises(GraphError, match="'image' has 0 inputs"):
        output_features(tf_keras.Model(inputs, L.Conv2D(1, 1)(inputs)))
