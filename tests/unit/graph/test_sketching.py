"""Keras networks as int8 files of random weights: the same operators and shapes as the converter makes."""

import pytest
import tf_keras

from edge_nas.errors import ConfigError
from edge_nas.graph.groups import channel_graph
from edge_nas.graph.sketching import sketch_of

L = tf_keras.layers


@pytest.fixture(scope="module")
def network() -> tf_keras.Model:
    inputs = L.Input((16, 16, 3))
    x = L.ReLU()(L.BatchNormalization()(L.Conv2D(8, 3, 2, padding="same", use_bias=False, name="stem")(inputs)))
    y = L.ReLU(max_value=6)(L.Conv2D(8, 1, name="wide")(L.DepthwiseConv2D(3, padding="same")(x)))
    x = L.Add()([x, y])
    x = L.UpSampling2D(2)(L.MaxPooling2D()(L.SeparableConv2D(6, 3, padding="same", activation="relu", name="sep")(x)))
    x = L.Dense(5, activation="softmax")(L.Flatten()(L.Concatenate()([x, x])))
    return tf_keras.Model(inputs, x)


def test_operators_are_those_of_the_converter(network: tf_keras.Model) -> None:
    graph = sketch_of(network, channel_graph(network), {})
    assert [operator.kind for operator in graph.operators] == [
        *("CONV_2D", "DEPTHWISE_CONV_2D", "CONV_2D", "ADD", "DEPTHWISE_CONV_2D", "CONV_2D", "MAX_POOL_2D"),
        *("RESIZE_NEAREST_NEIGHBOR", "CONCATENATION", "RESHAPE", "FULLY_CONNECTED", "SOFTMAX"),
    ]
    assert graph.tensors[graph.outputs[0]].shape == (1, 5)


def test_widths_are_those_of_the_groups(network: tf_keras.Model) -> None:
    channels = channel_graph(network)
    residual = channels.groups[channels.layers["stem"].output[0].space]
    graph = sketch_of(network, channels, {residual.name: 5})
    shapes = [graph.tensors[operator.outputs[0]].shape for operator in graph.operators]
    assert shapes[:6] == [(1, 8, 8, 5)] * 5 + [(1, 8, 8, 6)]


def test_gains_that_no_layer_takes_in_are_convolutions_of_their_own() -> None:
    inputs = L.Input((6, 5, 3))
    x = L.Rescaling(0.1)(inputs)
    x = L.MaxPooling2D()(L.Conv2D(4, 1)(x))
    x = L.ReLU()(L.BatchNormalization()(x))  # what comes before it is not linear
    x = L.BatchNormalization()(L.GlobalAveragePooling2D()(x))
    model = tf_keras.Model(inputs, x)
    graph = sketch_of(model, channel_graph(model), {})
    assert [(operator.kind, graph.tensors[operator.outputs[0]].shape) for operator in graph.operators] == [
        ("DEPTHWISE_CONV_2D", (1, 6, 5, 3)),
        ("CONV_2D", (1, 6, 5, 4)),
        ("MAX_POOL_2D", (1, 3, 2, 4)),
        ("DEPTHWISE_CONV_2D", (1, 3, 2, 4)),
        ("MEAN", (1, 4)),
        ("RESHAPE", (1, 1, 1, 4)),
        ("DEPTHWISE_CONV_2D", (1, 1, 1, 4)),
        ("RESHAPE", (1, 4)),
    ]


def test_a_layer_that_is_not_known_is_refused_by_name() -> None:
    inputs = L.Input((4, 4, 2))
    model = tf_keras.Model(inputs, L.Permute((2, 1, 3), name="turn")(inputs))
    with pytest.raises(ConfigError, match=r"layer 'turn' \(Permute\): what its operator takes cannot be predicted$"):
        sketch_of(model, channel_graph(model), {})
