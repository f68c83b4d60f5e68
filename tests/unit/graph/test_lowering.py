"""tf calls that become layers compute the same bits; those that no layer stands for stay what they are."""

import numpy as np
import pytest
import tensorflow as tf
import tf_keras

from edge_nas.graph.flatten import flatten

L = tf_keras.layers
SHAPE = (6, 6, 4)


def traced(function):
    """The flat form of a network that doubles its input in two ways and gives both to `function`."""

    class Net(tf_keras.Model):
        def __init__(self) -> None:
            super().__init__()
            self.relu, self.pool = L.ReLU(), L.MaxPooling2D(1)

        def call(self, x):
            return function(self.pool(x), self.relu(x))

    return flatten(Net(), SHAPE)


LAYERS = {
    "relu": (lambda x, y: tf.nn.relu(features=x), "ReLU"),
    "relu6": (lambda x, y: tf.nn.relu6(x), "ReLU"),
    "leaky": (lambda x, y: tf.nn.leaky_relu(x), "LeakyReLU"),
    "sigmoid": (lambda x, y: tf.sigmoid(x), "Activation"),
    "nn.sigmoid": (lambda x, y: tf.nn.sigmoid(x), "Activation"),
    "tanh": (lambda x, y: tf.nn.tanh(x), "Activation"),
    "softmax": (lambda x, y: tf.nn.softmax(x, axis=-1), "Softmax"),
    "plus": (lambda x, y: x + y, "Add"),
    "tf.add": (lambda x, y: tf.add(x, y, name="sum"), "Add"),
    "minus": (lambda x, y: x - y, "Subtract"),
    "times": (lambda x, y: x * y, "Multiply"),
    "maximum": (tf.maximum, "Maximum"),
    "concat": (lambda x, y: tf.concat([x, y, x], -1), "Concatenate"),
    "concat rows": (lambda x, y: tf.concat([x, y], axis=1), "Concatenate"),
    "concat over the batch": (lambda x, y: tf.concat([x, y], 0), "Concatenate"),
    "mean": (lambda x, y: tf.reduce_mean(x, axis=[1, 2], keepdims=True), "GlobalAveragePooling2D"),
    "mean, flat": (lambda x, y: tf.reduce_mean(x, (2, 1)), "GlobalAveragePooling2D"),
    "max_pool": (lambda x, y: tf.nn.max_pool2d(x, [3], 2, "SAME"), "MaxPooling2D"),
    "avg_pool": (lambda x, y: tf.nn.avg_pool(x, [1, 2, 3, 1], [1, 2, 2, 1], "VALID"), "AveragePooling2D"),
    "reshape": (lambda x, y: tf.reshape(x, (-1, 36, 4)), "Reshape"),
    "reshape by the batch": (lambda x, y: tf.reshape(x, [tf.shape(x)[0], -1, 4]), "Reshape"),
    "transpose": (lambda x, y: tf.transpose(x, (0, 2, 1, 3)), "Permute"),
}

STAY = {
    "plus a number": lambda x, y: x + 1.0,
    "broadcast": lambda x, y: x + y[:, :1],
    "mean of channels": lambda x, y: tf.reduce_mean(x, axis=[1, 3]),
    "pool over channels": lambda x, y: tf.nn.max_pool(x, [1, 1, 1, 2], [1, 1, 1, 2], "VALID"),
    "reshape over images": lambda x, y: tf.reshape(x, (-1, 4)),
    "transpose of the batch": lambda x, y: tf.transpose(x, (1, 0, 2, 3)),
    "resize to a size that is known": lambda x, y: tf.image.resize(x[:, ::2], tf.shape(y)[1:3]),
    "pad": lambda x, y: tf.pad(x, [[0, 0], [1, 1], [1, 1], [0, 0]]),
}


def last_kind(flat) -> str:
    return type(flat.output.node.layer).__name__


@pytest.mark.parametrize("case", LAYERS)
def test_known_calls_become_layers(case: str) -> None:
    function, kind = LAYERS[case]
    flat = traced(function)  # flatten itself compares bits on random input
    assert last_kind(flat) == kind
    x = tf.constant(np.random.default_rng(0).normal(size=(2, *SHAPE)), tf.float32)
    np.testing.assert_array_equal(flat(x).numpy(), function(x, tf.nn.relu(x)).numpy())


@pytest.mark.parametrize("case", STAY)
def test_what_no_layer_computes_stays_an_exact_operator(case: str) -> None:
    flat = traced(STAY[case])
    assert last_kind(flat) == "TFOpLambda"
    x = tf.constant(np.random.default_rng(0).normal(size=(2, *SHAPE)), tf.float32)
    np.testing.assert_array_equal(flat(x).numpy(), STAY[case](x, tf.nn.relu(x)).numpy())


def test_sizes_that_are_known_are_numbers_and_no_tensors() -> None:
    flat = traced(STAY["resize to a size that is known"])
    assert [layer.symbol for layer in flat.layers if hasattr(layer, "symbol")] == [
        "__operators__.getitem",
        "image.resize",
    ]


def test_nodes_are_named_after_the_call_not_after_a_count() -> None:
    names = [[layer.name for layer in traced(lambda x, y: tf.nn.relu(x + y) * 2.0).layers] for _ in range(2)]
    assert names[0] == names[1]
    assert {"add", "nn_relu", "math_multiply"} <= set(names[0])
