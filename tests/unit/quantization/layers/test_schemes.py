"""Layers with a scheme of ours end as int8 operators that compute what the float network computes."""

import numpy as np
import pytest
import tf_keras

from edge_nas.graph.tflite import to_tflite
from edge_nas.int8.graph import float_tensors
from edge_nas.int8.reader import read_tflite
from edge_nas.quantization import quantization_aware
from edge_nas.runtimes.litert import LitertRuntime

L = tf_keras.layers


def merge(layer):
    image = L.Input((8, 8, 4), name="image")
    parts = [L.Conv2D(4, size, padding="same", name=f"part_{size}")(image) for size in (1, 3)]
    return tf_keras.Model(image, L.Conv2D(2, 1, name="last")(layer(parts)))


def chain(*layers):
    image = L.Input((8, 8, 4), name="image")
    x = L.Conv2D(4, 3, padding="same", name="first")(image)
    for layer in layers:
        x = layer(x)
    return tf_keras.Model(image, L.Conv2D(2, 1, name="last")(x))


def squeeze_and_excite():
    image = L.Input((8, 8, 4), name="image")
    x = L.Conv2D(4, 3, padding="same", name="first")(image)
    gate = L.Conv2D(4, 1, activation="sigmoid", name="gate")(L.GlobalAveragePooling2D(keepdims=True)(x))
    return tf_keras.Model(image, L.Conv2D(2, 1, name="last")(L.Multiply()([x, gate])))


CASES = {
    "MUL": lambda: merge(L.Multiply()),
    "SUB": lambda: merge(L.Subtract()),
    "MAXIMUM": lambda: merge(L.Maximum()),
    "MINIMUM": lambda: merge(L.Minimum()),
    "LOGISTIC MUL": squeeze_and_excite,
    "PRELU": lambda: chain(L.PReLU("glorot_uniform", shared_axes=[1, 2])),
    "RESIZE_NEAREST_NEIGHBOR": lambda: chain(L.Resizing(16, 16, interpolation="nearest")),
    "TRANSPOSE_CONV RELU": lambda: chain(
        L.Conv2DTranspose(4, 3, strides=2, padding="same"), L.BatchNormalization(), L.ReLU()
    ),
    "DEPTHWISE_CONV_2D": lambda: chain(L.ReLU(), L.BatchNormalization()),
    "ADD DEPTHWISE_CONV_2D": lambda: merge(L.Average()),
}


@pytest.mark.parametrize("operators", CASES)
def test_the_file_is_all_int8_and_close_to_float(operators: str) -> None:
    tf_keras.utils.set_random_seed(0)
    model = CASES[operators]()
    images = np.random.default_rng(0).normal(size=(32, 8, 8, 4)).astype(np.float32)
    data = to_tflite(quantization_aware(model, images), int8=True)
    graph = read_tflite(data, "file.tflite")
    assert not float_tensors(graph)
    kinds = [operator.kind for operator in graph.operators if operator.kind not in ("CONV_2D", "MEAN")]
    assert " ".join(kinds) == operators
    expected = model(images, training=False).numpy()
    difference = np.abs(LitertRuntime(data, reference=True).run(images) - expected)
    assert difference.max() < 0.03 * (expected.max() - expected.min())
    assert difference.max() > 0.0
