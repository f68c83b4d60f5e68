"""An int8 file beside its float network: near where it quantizes well, and told where it does not."""

import warnings

import numpy as np
import pytest
import tensorflow as tf
import tf_keras

from edge_nas.errors import ModelWarning
from edge_nas.quantization import quantize_model
from edge_nas.quantization.fidelity import tensor_fidelity

L = tf_keras.layers


@pytest.fixture(scope="module")
def images() -> np.ndarray:
    return np.random.default_rng(0).normal(size=(24, 8, 8, 2)).astype(np.float32)


def network(reduce) -> tf_keras.Model:
    tf_keras.utils.set_random_seed(1)
    image = L.Input((8, 8, 2))
    x = L.ReLU(name="stem_relu")(L.BatchNormalization(name="bn")(L.Conv2D(6, 3, padding="same", name="stem")(image)))
    x = L.Conv2D(8, 3, activation="relu", name="middle")(x)
    return tf_keras.Model(image, L.Dense(3, name="logits")(reduce(x)))


def test_a_network_that_quantizes_well_is_near_everywhere(images: np.ndarray) -> None:
    model = network(L.GlobalMaxPooling2D(name="pool"))
    told = []
    with warnings.catch_warnings():
        warnings.simplefilter("error", ModelWarning)
        data = quantize_model(model, images, tell=told.append)
    assert [output.name for output in told[0].outputs] == ["logits"]
    assert 0 < told[0].outputs[0].error < 0.1
    inside = tensor_fidelity(model, data, images).tensors
    assert [tensor.operator for tensor in inside][:2] == ["CONV_2D", "CONV_2D"]
    assert [tensor.name for tensor in inside][-2:] == ["pool", "logits"]
    assert max(tensor.error for tensor in inside) < 0.1


def test_the_operator_at_which_int8_leaves_float_is_named(images: np.ndarray) -> None:
    """One channel a thousand times as wide as its neighbour leaves that one no codes."""
    image = L.Input((8, 8, 2))
    wide = L.Conv2D(2, 1, use_bias=False, name="wide")
    narrow = L.Conv2D(3, 1, use_bias=False, name="narrow")
    model = tf_keras.Model(image, L.Dense(3, name="logits")(L.GlobalMaxPooling2D()(narrow(wide(image)))))
    wide.set_weights([np.diag([1.0, 1000.0]).reshape(1, 1, 2, 2)])
    narrow.set_weights([np.array([[1.0, -1.0, 2.0], [0.0, 0.0, 0.0]]).reshape(1, 1, 2, 3)])
    with pytest.warns(ModelWarning, match=r"output 'logits' by \d\.\d\d.*begins with CONV_2D of layer 'narrow'"):
        quantize_model(model, images)


def test_sums_over_positions_are_near_on_the_reference_kernels(images: np.ndarray) -> None:
    told = []
    quantize_model(network(lambda x: tf.reduce_sum(x, [1, 2])), images, tell=told.append)
    assert told[0].outputs[0].error < 0.1


def test_what_the_reference_kernels_do_not_take_is_told(images: np.ndarray) -> None:
    model = network(lambda x: L.Flatten()(tf.nn.depth_to_space(x, 2)))
    with pytest.warns(ModelWarning, match="int8 was not compared with float: .*DEPTH_TO_SPACE"):
        quantize_model(model, images)
