"""One tiny network in every format, made once per test session, and the folder of real data."""

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest

TINY_SHAPE = (8, 8, 3)


@dataclass(frozen=True)
class TinyModels:
    """A strided convolution, a depthwise one, an up-sampling and a logit, with fixed random weights.

    MACs 1728 + 576 + 256 = 2560. Parameters: 112 + 40 + 5 = 157 with BatchNorm folded, 169 in Keras. Peak RAM in int8:
    256 bytes of up-sampled map beside 64 bytes before or after it.
    """

    keras: Any
    float_tflite: Path
    int8_tflite: Path
    float_onnx: Path
    int8_onnx: Path


@pytest.fixture(scope="session")
def tiny_models(tmp_path_factory: pytest.TempPathFactory) -> TinyModels:
    import tensorflow as tf
    import tf2onnx
    import tf_keras

    folder = tmp_path_factory.mktemp("tiny")
    layers = tf_keras.layers
    inputs = layers.Input(TINY_SHAPE)
    x = layers.Conv2D(4, 3, strides=2, padding="same", activation="relu", name="stem")(inputs)
    x = layers.DepthwiseConv2D(3, padding="same", use_bias=False, name="spatial")(x)
    x = layers.ReLU(name="relu")(layers.BatchNormalization(name="norm")(x))
    x = layers.UpSampling2D(name="up")(x)
    model = tf_keras.Model(inputs, layers.Conv2D(1, 1, name="logit")(x), name="tiny")
    generator = np.random.default_rng(0)
    # Vectors (biases, BatchNorm) stay positive, variances must; kernels have both signs.
    model.set_weights([generator.uniform(0.1, 1.0, w.shape) - 0.3 * (w.ndim > 1) for w in model.get_weights()])

    function = tf.function(lambda x: model(x, training=False)).get_concrete_function(
        tf.TensorSpec((1, *TINY_SHAPE), tf.float32, name="image")
    )
    converter = tf.lite.TFLiteConverter.from_concrete_functions([function], model)
    (folder / "float.tflite").write_bytes(converter.convert())
    converter = tf.lite.TFLiteConverter.from_concrete_functions([function], model)  # one converts only once
    converter.optimizations = [tf.lite.Optimize.DEFAULT]
    converter.representative_dataset = lambda: (
        [generator.uniform(-1, 1, (1, *TINY_SHAPE)).astype(np.float32)] for _ in range(20)
    )
    converter.target_spec.supported_ops = [tf.lite.OpsSet.TFLITE_BUILTINS_INT8]
    converter.inference_input_type = converter.inference_output_type = tf.int8
    (folder / "int8.tflite").write_bytes(converter.convert())
    signature = (tf.TensorSpec((1, *TINY_SHAPE), tf.float32, name="image"),)
    tf2onnx.convert.from_keras(model, signature, opset=17, output_path=str(folder / "float.onnx"))
    tf2onnx.convert.from_tflite(str(folder / "int8.tflite"), opset=17, output_path=str(folder / "int8.onnx"))
    return TinyModels(
        model, folder / "float.tflite", folder / "int8.tflite", folder / "float.onnx", folder / "int8.onnx"
    )


@pytest.fixture(scope="session")
def tiny_inputs() -> np.ndarray:
    """Five inputs of the tiny network, float32 in [-1, 1]."""
    return np.random.default_rng(1).uniform(-1.0, 1.0, (5, *TINY_SHAPE)).astype(np.float32)


@pytest.fixture(scope="session")
def test_data() -> Path:
    """The folder of real data; tests that ask for it skip where it is absent."""
    root = Path(__file__).parents[2]
    folder = Path(os.environ.get("EDGE_NAS_TEST_DATA", root.parent / "shared"))
    if not folder.is_dir():
        pytest.skip(f"no real data: {folder} is no folder (EDGE_NAS_TEST_DATA names it)")
    return folder
