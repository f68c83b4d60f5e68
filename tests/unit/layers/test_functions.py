"""What activations cost: the tensors that the network's own int8 file has, activation by activation."""

import numpy as np
import pytest
import tf_keras

from edge_nas.graph.cost import keras_cost
from edge_nas.graph.groups import channel_graph
from edge_nas.graph.surgery import narrow
from edge_nas.graph.tflite import to_tflite
from edge_nas.graph.widths import WidthCost
from edge_nas.int8.cost import tflite_cost
from edge_nas.int8.reader import read_tflite
from edge_nas.layers.functions import is_fused, is_linear, tensors_of

L = tf_keras.layers


def swish_inside(x):
    return L.Conv2D(8, 3, padding="same", activation="swish")(x)


def normalised(activation):
    def made(x):
        x = L.Conv2D(8, 3, padding="same", use_bias=False)(x)
        return activation(L.BatchNormalization()(x))

    return made


def residual(x):
    x = L.Conv2D(6, 1)(x)
    return L.ReLU()(L.Add()([x, L.LeakyReLU()(L.Conv2D(6, 1)(x))]))


def upsampled(x):
    return L.ReLU()(L.UpSampling2D(interpolation="bilinear")(L.Conv2D(8, 1)(x)))


def twice_read(x):
    x = L.Conv2D(8, 1)(x)
    return L.Concatenate()([L.ReLU()(x), L.Dropout(0.5)(x)])


def transposed(x):
    return L.ReLU()(L.BatchNormalization()(L.Conv2DTranspose(4, 2, strides=2)(L.Conv2D(8, 3, padding="same")(x))))


def separable(x):
    return L.SeparableConv2D(6, 3, padding="same", activation="tanh", depth_multiplier=2)(x)


@pytest.mark.parametrize(
    "body",
    [
        swish_inside, normalised(L.ReLU()), normalised(L.ReLU(6.0)), normalised(L.ReLU(negative_slope=0.1)),
        normalised(L.PReLU(shared_axes=[1, 2])), normalised(L.Activation("selu")), residual, upsampled, twice_read,
        separable, transposed,
    ],
    ids=["swish", "relu", "relu6", "slope", "prelu", "selu", "residual", "upsampled", "twice_read", "separable",
        "transposed"],
)  # fmt: skip
def test_peak_ram_is_that_of_the_int8_file_and_its_size_is_met_from_above(body, randomized) -> None:
    inputs = L.Input((8, 8, 3))
    network = randomized(tf_keras.Model(inputs, L.Conv2D(2, 1)(body(inputs))))
    images = np.random.default_rng(0).uniform(-1, 1, (4, 8, 8, 3)).astype(np.float32)
    data = to_tflite(network, int8=True, calibration=images)
    assert keras_cost(network).peak_ram_bytes == tflite_cost(read_tflite(data, "file"), len(data)).peak_ram_bytes
    predicted = WidthCost(network, channel_graph(network)).cost({}).flash_bytes
    assert predicted is not None
    assert len(data) <= predicted <= 1.2 * len(data)


def test_tensors_that_keras_does_not_show_narrow_with_the_rest() -> None:
    inputs = L.Input((8, 8, 3))
    x = L.Conv2D(8, 3, activation="swish", name="wide")(inputs)
    network = tf_keras.Model(inputs, L.Conv2D(2, 1)(x))
    graph = channel_graph(network)
    predicted = WidthCost(network, graph).cost({"wide": 3}).peak_ram_bytes
    assert predicted == keras_cost(narrow(network, graph, {"wide": range(3)})).peak_ram_bytes == 3 * 36 * 3


@pytest.mark.parametrize(
    ("activation", "fused", "linear", "tensors"),
    [
        (None, False, True, None), (L.Activation("linear"), False, True, None), (L.ReLU(), True, False, 1),
        (tf_keras.activations.relu, True, False, 1), (L.ReLU(3.0), False, False, 1), (L.LeakyReLU(), False, False, 1),
        (tf_keras.activations.swish, False, False, 2), (lambda x: x * x, False, False, 3),
    ],
)  # fmt: skip
def test_kinds_of_activations(activation, fused: bool, linear: bool, tensors: int | None) -> None:
    assert (is_fused(activation), is_linear(activation)) == (fused, linear)
    assert tensors is None or tensors_of(activation) == tensors
