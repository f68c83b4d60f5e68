"""Keras networks as int8 files of random weights: the same operators and shapes as the converter makes."""

from collections.abc import Callable

import numpy as np
import pytest
import tf_keras

from edge_nas.errors import ConfigError
from edge_nas.graph.groups import channel_graph
from edge_nas.graph.sketching import sketch_of
from edge_nas.quantization.layers.one_row import over_rows
from edge_nas.quantization.ptq import int8_graph, post_training

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


def _kinds_and_shapes(model: tf_keras.Model) -> list[tuple[str, tuple[int, ...]]]:
    graph = sketch_of(model, channel_graph(model), {})
    return [(operator.kind, tuple(graph.tensors[operator.outputs[0]].shape)) for operator in graph.operators]


def _converted(model: tf_keras.Model) -> list[tuple[str, tuple[int, ...]]]:
    """Returns the operators that the converter makes, of signals behind what a training with fake quantization does."""
    shape = model.input_shape[1:]
    images = np.random.default_rng(0).uniform(-1, 1, (4, *shape)).astype(np.float32)
    graph = int8_graph(post_training(over_rows(model), images), "the file", model)
    return [(operator.kind, tuple(graph.tensors[operator.outputs[0]].shape)) for operator in graph.operators]


def _signals() -> tf_keras.Model:
    inputs = L.Input((16, 3))
    x = L.ReLU()(L.BatchNormalization()(L.Conv1D(8, 5, 2, padding="same", use_bias=False)(inputs)))
    y = L.ReLU()(L.BatchNormalization()(L.SeparableConv1D(8, 3, padding="same")(x)))
    x = L.ReLU()(L.BatchNormalization()(L.DepthwiseConv1D(3, padding="same")(L.Add()([x, y]))))
    x = L.MaxPooling1D(2)(L.Conv1D(6, 3, padding="causal", dilation_rate=2, activation="relu")(x))
    x = L.UpSampling1D(2)(L.Dropout(0.1)(x))
    return tf_keras.Model(inputs, L.Dense(5)(L.GlobalAveragePooling1D()(x)))


def _moments() -> tf_keras.Model:
    inputs = L.Input((16, 3))
    x = L.Conv1D(4, 3, padding="same", activation="relu")(inputs)
    return tf_keras.Model(inputs, L.Conv1D(2, 1)(L.AveragePooling1D(3, 2, padding="same")(x)))


def _flat_signals() -> tf_keras.Model:
    inputs = L.Input((8, 3))
    return tf_keras.Model(inputs, L.Dense(5)(L.Flatten()(L.Conv1D(4, 3, activation="relu")(inputs))))


def _signals_as_maps() -> tf_keras.Model:
    inputs = L.Input((16, 3))
    x = L.Conv2D(4, 3, 2, padding="same", activation="relu")(L.Reshape((16, 3, 1))(inputs))
    return tf_keras.Model(inputs, L.Dense(5)(L.GlobalAveragePooling2D()(x)))


def _grouped() -> tf_keras.Model:
    inputs = L.Input((8, 8, 3))
    x = L.Conv2D(12, 3, activation="relu", name="before")(inputs)
    x = L.Conv2D(6, 3, groups=3, activation="relu", name="grouped")(x)
    return tf_keras.Model(inputs, L.Conv2D(4, 1)(x))


def _overlapping() -> tf_keras.Model:
    inputs = L.Input((15, 12, 3))
    x = L.MaxPooling2D(3, 2, padding="same")(L.Conv2D(4, 3, activation="relu")(inputs))
    x = L.BatchNormalization()(L.SeparableConv2D(4, 3)(L.AveragePooling2D(3, 1)(x)))
    x = L.Conv2DTranspose(5, 4, 2, padding="same")(x)
    return tf_keras.Model(inputs, L.Conv2DTranspose(2, 3, 2)(x))


@pytest.mark.parametrize("make", [_signals, _moments, _flat_signals, _signals_as_maps, _overlapping, _grouped])
def test_operators_and_shapes_are_those_of_a_converted_file(make: Callable[[], tf_keras.Model]) -> None:
    model = make()
    assert _kinds_and_shapes(model) == _converted(model)


def test_signals_are_sketched_at_other_widths() -> None:
    model = _signals()
    channels = channel_graph(model)
    free = channels.free[0]
    graph = sketch_of(model, channels, {free.name: 5})
    assert graph.tensors[graph.operators[1].outputs[0]].shape == (1, 1, 8, 5)


def test_of_a_convolution_in_groups_whole_ones_go() -> None:
    model = _grouped()
    graph = sketch_of(model, channel_graph(model), {"before": 2})
    shapes = [tuple(graph.tensors[index].shape) for index in graph.operators[1].inputs[:2]]
    assert shapes == [(1, 6, 6, 8), (4, 3, 3, 4)]


@pytest.mark.parametrize(
    ("layer", "told"),
    [
        (L.Conv2D(4, 3, dilation_rate=(1, 2), name="odd"), ""),
        (L.MaxPooling2D(data_format="channels_first", name="odd"), ""),
        (L.UpSampling2D(2, interpolation="area", name="odd"), " with interpolation area"),
        (
            L.Conv2DTranspose(4, 3, 2, padding="same", output_padding=0, name="odd"),
            r": it makes \(17, 17, 4\), an operator .* \(18, 18, 4\)",
        ),
        (L.Dense(4, name="odd"), r": it makes \(9, 9, 4\), an operator as of its kind \(4,\)"),
    ],
)
def test_what_a_layer_does_beside_what_is_known_is_refused(layer: tf_keras.layers.Layer, told: str) -> None:
    inputs = L.Input((9, 9, 4))
    model = tf_keras.Model(inputs, layer(inputs))
    with pytest.raises(ConfigError, match=rf"layer 'odd' \(\w+\): what its operator takes cannot be predicted{told}"):
        sketch_of(model, channel_graph(model), {})


def test_a_layer_that_is_not_known_is_refused_by_name() -> None:
    inputs = L.Input((4, 4, 2))
    model = tf_keras.Model(inputs, L.Permute((2, 1, 3), name="turn")(inputs))
    with pytest.raises(ConfigError, match=r"layer 'turn' \(Permute\): what its operator takes cannot be predicted$"):
        sketch_of(model, channel_graph(model), {})
