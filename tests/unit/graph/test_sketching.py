"""Keras networks as int8 files of random weights: the same operators and shapes as the converter makes."""

from collections.abc import Callable

import numpy as np
import pytest
import tf_keras
from int8operators import operators_of

from edge_nas.core.choices import Scheme
from edge_nas.errors import ConfigError
from edge_nas.graph.groups import channel_graph
from edge_nas.graph.sketching import sketch_of
from edge_nas.int8.graph import Int8Graph
from edge_nas.int8.reader import read_tflite
from edge_nas.quantization import dryrun

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
    graph = sketch_of(network, channel_graph(network), {}, "qat")
    assert [operator.kind for operator in graph.operators] == [
        *("CONV_2D", "DEPTHWISE_CONV_2D", "CONV_2D", "ADD", "DEPTHWISE_CONV_2D", "CONV_2D", "MAX_POOL_2D"),
        *("RESIZE_NEAREST_NEIGHBOR", "CONCATENATION", "RESHAPE", "FULLY_CONNECTED", "SOFTMAX"),
    ]
    assert graph.tensors[graph.outputs[0]].shape == (1, 5)


def test_widths_are_those_of_the_groups(network: tf_keras.Model) -> None:
    channels = channel_graph(network)
    residual = channels.groups[channels.layers["stem"].output[0].space]
    graph = sketch_of(network, channels, {residual.name: 5}, "qat")
    shapes = [graph.tensors[operator.outputs[0]].shape for operator in graph.operators]
    assert shapes[:6] == [(1, 8, 8, 5)] * 5 + [(1, 8, 8, 6)]


def test_gains_that_no_layer_takes_in_are_convolutions_of_their_own() -> None:
    inputs = L.Input((6, 5, 3))
    x = L.Rescaling(0.1)(inputs)
    x = L.MaxPooling2D()(L.Conv2D(4, 1)(x))
    x = L.ReLU()(L.BatchNormalization()(x))  # what comes before it is not linear
    x = L.BatchNormalization()(L.GlobalAveragePooling2D()(x))
    model = tf_keras.Model(inputs, x)
    graph = sketch_of(model, channel_graph(model), {}, "qat")
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


def _converted(model: tf_keras.Model, scheme: Scheme) -> Int8Graph:
    """Returns the file that the converter makes; biases of zeros would be left out of it."""
    generator = np.random.default_rng(0)
    for layer in model.layers:
        layer.set_weights([weight + generator.uniform(0.05, 0.3, weight.shape) for weight in layer.get_weights()])
    return read_tflite(dryrun._converted(model, scheme), "file")


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


def _activations() -> tf_keras.Model:
    inputs = L.Input((16, 16, 3))
    x = L.ReLU()(L.MaxPooling2D()(L.Conv2D(4, 1)(inputs)))
    y = L.Conv2D(4, 3, padding="same")(x)
    x = L.Concatenate()([y, L.ReLU()(y)])  # the convolution has another reader
    x = L.ReLU()(L.Concatenate()([x, y]))
    x = L.Conv2D(6, 3, padding="same", dilation_rate=(1, 2))(L.ReLU()(L.UpSampling2D()(x)))
    x = L.ReLU(max_value=6)(L.Multiply()([L.Conv2D(6, 1)(x), x]))
    return tf_keras.Model(inputs, L.Dense(2)(L.ReLU()(L.GlobalAveragePooling2D()(x))))


def _branches() -> tf_keras.Model:
    inputs = L.Input((8, 8, 3))
    x = L.Conv2D(4, 3, activation="relu", name="stem")(inputs)
    y = L.Conv2D(6, 3, strides=2, padding="same", activation="relu", name="m_first")(x)
    y = L.Conv2D(6, 3, padding="same", name="m_second")(y)
    early, late = (L.Conv2D(6, 1, strides=2, name=name)(x) for name in ("a_shortcut", "z_shortcut"))
    x = L.ReLU(name="sum")(L.Add(name="added")([y, L.Add(name="both")([early, late])]))
    z = L.Conv2D(4, 3, padding="same", activation="relu", name="low")(L.MaxPooling2D(3, name="smaller")(x))
    x = L.Concatenate(name="joined")([L.UpSampling2D(3, name="larger")(z), x])
    return tf_keras.Model(inputs, L.Dense(3)(L.GlobalAveragePooling2D()(L.Conv2D(5, 3, name="last")(x))))


def _transposed() -> tf_keras.Model:
    inputs = L.Input((8, 8, 3))
    x = L.Conv2DTranspose(4, 3, 2, padding="same", activation="relu")(inputs)
    x = L.ReLU()(L.BatchNormalization()(L.Conv2DTranspose(4, 3, 2, padding="same")(x)))
    return tf_keras.Model(inputs, L.Conv2D(4, 1)(x))


def _squeeze_and_excite() -> tf_keras.Model:
    inputs = L.Input((8, 8, 3))
    x = L.Conv2D(4, 3, activation="relu")(inputs)
    gate = L.Dense(4, activation="sigmoid")(L.Dense(2, activation="relu")(L.GlobalAveragePooling2D(keepdims=True)(x)))
    return tf_keras.Model(inputs, L.Conv2D(2, 1)(L.Multiply()([x, gate])))


def _padded() -> tf_keras.Model:
    inputs = L.Input((9, 8, 3))
    x = L.Conv2D(4, 3, 2, activation="relu")(L.ZeroPadding2D(((1, 1), (0, 1)))(inputs))
    x = L.ZeroPadding2D(2)(L.SeparableConv2D(4, 3)(L.ZeroPadding2D(1)(x)))
    y = L.Conv2D(4, 3, dilation_rate=2, name="a_conv")(L.Dropout(0.1)(x))
    z = L.MaxPooling2D(5, 1, name="z_pool")(x)  # which no convolution does
    x = L.Conv2D(2, 3)(L.ZeroPadding2D(((0, 1), (1, 0)))(L.Add()([y, z])))  # nor do zeros as of no convolution go
    return tf_keras.Model(inputs, L.Conv2D(2, 1, 2)(L.ZeroPadding2D(0)(x)))


def _padded_signals() -> tf_keras.Model:
    inputs = L.Input((8, 3))
    x = L.Conv1D(3, 3, activation="relu")(L.ZeroPadding1D(1)(inputs))
    return tf_keras.Model(inputs, L.Conv1D(2, 3)(L.ZeroPadding1D((1, 0))(x)))


def _scaled() -> tf_keras.Model:
    inputs = L.Input((9, 8, 3))
    x = L.Conv2D(4, 3, 2, padding="same", activation="relu")(L.Rescaling(0.1)(inputs))  # taken in by what pads as well
    x = L.ReLU()(L.BatchNormalization()(L.MaxPooling2D()(x)))
    x = L.ReLU()(L.BatchNormalization()(L.Rescaling(0.5, 1.0)(L.Conv2D(4, 1)(x))))  # by the convolution before
    y = L.Conv2D(4, 1, name="y")(L.Rescaling(0.7, -2.0, name="a")(x))  # by one that does not pad
    z = L.DepthwiseConv2D(3, padding="same", name="z")(
        L.Rescaling(2.0, -1.0, name="z_before")(x)
    )  # not by one that does
    x = L.Rescaling([0.1, 0.2, 0.3, 0.4], 1.0)(L.Add()([y, z]))
    x = L.BatchNormalization()(L.GlobalAveragePooling2D()(x))  # by all dense layers that read it
    return tf_keras.Model(inputs, L.Add()([L.Dense(3)(x), L.Dense(3)(x)]))


def _scaled_signals() -> tf_keras.Model:
    inputs = L.Input((8, 3))
    x = L.Conv1D(4, 3, activation="relu")(L.Rescaling(0.1)(inputs))
    return tf_keras.Model(inputs, L.Dense(2)(L.Flatten()(L.BatchNormalization()(L.MaxPooling1D()(x)))))


def _merged() -> tf_keras.Model:
    inputs = L.Input((8, 8, 3))
    x, y, z = (L.Conv2D(4, 3, activation="relu", name=name)(inputs) for name in ("x", "y", "z"))
    products = [L.Multiply(name="product")([z, x, y]), L.ReLU(name="sum")(L.Add(name="a_sum")([x, y, z, x]))]
    mean = L.ReLU(name="relu")(L.Average(name="mean")([*products, z]))
    return tf_keras.Model(inputs, L.MaxPooling2D(name="pool")(mean))


def _called_twice() -> tf_keras.Model:
    inputs, norm = L.Input((8, 8, 3)), L.BatchNormalization()
    twice, separable = L.Conv2D(4, 3, padding="same"), L.SeparableConv2D(4, 3, padding="same")
    x = L.ReLU()(norm(twice(L.Conv2D(4, 1)(inputs))))
    x = L.ReLU()(L.BatchNormalization()(separable(L.ReLU()(norm(twice(x))))))
    # Of one layer, one call stands alone behind a convolution.
    return tf_keras.Model(inputs, twice(norm(L.MaxPooling2D()(separable(x)))))


_BOTH: list[tuple[Callable[[], tf_keras.Model], Scheme]] = [
    (make, scheme)
    for make in (
        *(_signals, _moments, _flat_signals, _signals_as_maps, _overlapping, _activations, _branches),
        *(_padded, _padded_signals, _merged, _called_twice),
    )
    for scheme in ("qat", "ptq")
]


@pytest.mark.parametrize(
    ("make", "scheme"),
    [*_BOTH, *((make, "ptq") for make in (_grouped, _transposed, _scaled, _scaled_signals)), (_transposed, "qat")],
)
def test_operators_are_those_of_a_converted_file(make: Callable[[], tf_keras.Model], scheme: Scheme) -> None:
    model = make()
    graphs = sketch_of(model, channel_graph(model), {}, scheme), _converted(model, scheme)
    # Whether codes are scaled anew in between hangs on the ranges that a training leaves.
    sketch, file = ([each for each in operators_of(graph) if each[0] != "QUANTIZE"] for graph in graphs)
    assert sketch == file


def test_dense_layers_on_one_pixel_are_known() -> None:
    model = _squeeze_and_excite()
    kinds = [operator.kind for operator in sketch_of(model, channel_graph(model), {}, "qat").operators]
    file = [operator.kind for operator in _converted(model, "qat").operators]
    # Where the RESHAPEs are makes no difference: they are free.
    assert [each for each in kinds if each != "RESHAPE"] == [each for each in file if each != "RESHAPE"]


def test_the_mean_of_one_pixel_is_no_operator() -> None:
    inputs = L.Input((3, 3, 2))
    x = L.GlobalAveragePooling2D(keepdims=True)(L.Conv2D(4, 3, activation="relu")(inputs))
    model = tf_keras.Model(inputs, L.Conv2D(2, 1)(x))
    kinds = [operator.kind for operator in sketch_of(model, channel_graph(model), {}, "qat").operators]
    assert kinds == [operator.kind for operator in _converted(model, "ptq").operators] == ["CONV_2D", "CONV_2D"]


def test_a_layer_without_weights_may_be_called_several_times() -> None:
    inputs, relu, pool = L.Input((8, 8, 3)), L.ReLU(), L.MaxPooling2D()
    x = pool(relu(L.Conv2D(4, 3, padding="same", name="first")(inputs)))
    model = tf_keras.Model(inputs, L.Conv2D(2, 1)(pool(relu(L.Conv2D(8, 3, padding="same", name="second")(x)))))
    graph = sketch_of(model, channel_graph(model), {"first": 3, "second": 5}, "qat")
    shapes = [graph.tensors[operator.outputs[0]].shape for operator in graph.operators]
    assert shapes == [(1, 8, 8, 3), (1, 4, 4, 3), (1, 4, 4, 5), (1, 2, 2, 5), (1, 2, 2, 2)]


def test_calls_of_a_layer_share_its_kernel_as_in_a_file() -> None:
    model = _called_twice()
    for graph in (sketch_of(model, channel_graph(model), {}, "qat"), _converted(model, "qat")):
        kernels = [each.inputs[1] for each in graph.operators if each.kind == "CONV_2D"]
        assert len(kernels) == 6
        assert len(set(kernels)) == 3  # one alone, one three times, that of the separable layer twice


@pytest.mark.parametrize("layer", [L.GlobalAveragePooling2D(), L.Flatten()], ids=["mean", "flat"])
def test_with_fake_quantization_a_relu_stays_behind_gains_of_features(layer: tf_keras.layers.Layer) -> None:
    inputs = L.Input((6, 6, 3))
    x = layer(L.Conv2D(4, 3, activation="relu")(inputs))
    model = tf_keras.Model(inputs, L.Dense(2)(L.ReLU()(L.BatchNormalization(name="norm")(x))))
    kinds = [each.kind for each in sketch_of(model, channel_graph(model), {}, "qat").operators]
    # The ReLU of a norm that gives no negative values is nothing: `_converted` adds to the weights.
    norm = model.get_layer("norm")
    norm.set_weights([np.ones_like(gain_or_shift) for gain_or_shift in norm.get_weights()])
    norm.beta.assign(norm.beta - 9.0)
    file = [each.kind for each in _converted(model, "qat").operators]
    assert [kind for kind in kinds if kind != "RESHAPE"] == [kind for kind in file if kind != "RESHAPE"]
    assert "RELU" in kinds


def test_signals_are_sketched_at_other_widths() -> None:
    model = _signals()
    channels = channel_graph(model)
    free = channels.free[0]
    graph = sketch_of(model, channels, {free.name: 5}, "qat")
    assert graph.tensors[graph.operators[1].outputs[0]].shape == (1, 1, 8, 5)


def test_of_a_convolution_in_groups_whole_ones_go() -> None:
    model = _grouped()
    graph = sketch_of(model, channel_graph(model), {"before": 2}, "qat")
    shapes = [tuple(graph.tensors[index].shape) for index in graph.operators[1].inputs[:2]]
    assert shapes == [(1, 6, 6, 8), (4, 3, 3, 4)]


@pytest.mark.parametrize(
    ("layer", "told"),
    [
        (L.Conv2DTranspose(4, 3, dilation_rate=2, padding="same", name="odd"), r" dilated by \(2, 2\)"),
        (L.MaxPooling2D(data_format="channels_first", name="odd"), " on channels that come first"),
        (L.Flatten(data_format="channels_first", name="odd"), " on channels that come first"),
        (L.Softmax(axis=1, name="odd"), " along another axis than the last"),
        (L.BatchNormalization(axis=1, name="odd"), " along another axis than the last"),
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
        sketch_of(model, channel_graph(model), {}, "qat")


def test_with_fake_quantization_a_mean_of_features_is_refused() -> None:
    inputs = L.Input((4,))
    model = tf_keras.Model(inputs, L.Average(name="odd")([L.Dense(3)(inputs), L.Dense(3)(inputs)]))
    with pytest.raises(ConfigError, match=r"layer 'odd' \(Average\): .* of other values than maps"):
        sketch_of(model, channel_graph(model), {}, "qat")


def test_a_layer_that_is_not_known_is_refused_by_name() -> None:
    inputs = L.Input((4, 4, 2))
    model = tf_keras.Model(inputs, L.Permute((2, 1, 3), name="turn")(inputs))
    with pytest.raises(ConfigError, match=r"layer 'turn' \(Permute\): what its operator takes cannot be predicted$"):
        sketch_of(model, channel_graph(model), {}, "qat")
