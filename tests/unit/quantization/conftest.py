"""One network with its QAT form and its int8 file, made once."""

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
import pytest


class Int8(NamedTuple):
    float_network: Any
    quantized: Any
    images: np.ndarray
    file: bytes


@pytest.fixture(scope="session")
def int8(randomized: Callable[..., Any]) -> Int8:
    import tf_keras

    from edge_nas.graph.tflite import to_tflite
    from edge_nas.quantization import quantization_aware

    layers = tf_keras.layers
    inputs = layers.Input((16, 16, 3), name="image")
    x = layers.Conv2D(6, 3, strides=2, padding="same", use_bias=False, name="stem")(inputs)
    x = layers.ReLU(name="stem_relu")(layers.BatchNormalization(name="stem_bn")(x))
    y = layers.DepthwiseConv2D(3, padding="same", use_bias=False, name="depthwise")(x)
    y = layers.ReLU(name="relu")(layers.BatchNormalization(name="bn")(y))
    x = layers.Add(name="add")([x, layers.Conv2D(6, 1, name="mix")(y)])
    x = layers.UpSampling2D(2, name="up")(layers.Concatenate(name="join")([x, y]))
    network = randomized(tf_keras.Model(inputs, layers.Conv2D(1, 1, name="logit")(x)))
    images = np.random.default_rng(0).uniform(-1, 1, (24, 16, 16, 3)).astype(np.float32)
    quantized = quantization_aware(network, images, (-1.0, 1.0))
    return Int8(network, quantized, images, to_tflite(quantized, int8=True))
