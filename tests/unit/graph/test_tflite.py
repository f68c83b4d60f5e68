"""The one way to the converter: fixed batch, and a refusal that names the network."""

import numpy as np
import pytest
import tensorflow as tf
import tf_keras

from edge_nas.errors import GraphError
from edge_nas.graph.tflite import to_tflite
from edge_nas.int8.names import layer_of
from edge_nas.int8.reader import read_tflite
from edge_nas.quantization.qat import quantization_aware
from edge_nas.runtimes.litert import LitertRuntime

L = tf_keras.layers


def test_a_float_file_computes_what_keras_computes(tiny_models, tiny_inputs) -> None:
    runtime = LitertRuntime(to_tflite(tiny_models.keras, int8=False), reference=True)
    np.testing.assert_allclose(runtime.run(tiny_inputs), tiny_models.keras(tiny_inputs).numpy(), atol=1e-5)
    assert runtime.input_spec.shape == (1, 8, 8, 3)


def test_the_batch_is_fixed_so_that_no_shape_is_computed(randomized) -> None:
    inputs = L.Input((8, 8, 3))
    x = L.Conv2D(4, 3, dilation_rate=2, padding="same")(inputs)
    model = randomized(tf_keras.Model(inputs, L.Reshape((64, 4))(x)))
    kinds = {operator.kind for operator in read_tflite(to_tflite(model, int8=False), "model.tflite").operators}
    assert kinds == {"CONV_2D", "RESHAPE"}


def test_the_same_network_gives_the_same_bytes(tiny_models) -> None:
    assert to_tflite(tiny_models.keras, int8=False) == to_tflite(tiny_models.keras, int8=False)


def test_the_converter_s_own_words_stay_off_the_terminal(
    tiny_models, tiny_inputs, capfd: pytest.CaptureFixture[str]
) -> None:
    to_tflite(tiny_models.keras, int8=True, calibration=tiny_inputs)
    assert capfd.readouterr() == ("", "")


def test_what_cannot_be_converted_is_refused() -> None:
    inputs = L.Input((8, 8, 3))
    model = tf_keras.Model(inputs, tf.numpy_function(np.cos, [inputs], tf.float32), name="student")
    with pytest.raises(GraphError, match="network 'student' cannot be converted to TFLite"):
        to_tflite(model, int8=False)


def test_no_memory_is_no_fault_of_the_network(tiny_models, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> bytes:
        raise MemoryError

    monkeypatch.setattr("edge_nas.graph.tflite.bytes", full, raising=False)
    with pytest.raises(MemoryError):
        to_tflite(tiny_models.keras, int8=False)


def test_tensors_are_called_as_their_layers_and_constants_by_numbers(randomized) -> None:
    inputs = L.Input((8, 8, 3), name="image")
    x = L.BatchNormalization(name="normal")(L.Conv2D(4, 3, use_bias=False, name="a/stem")(inputs))
    x = L.Conv2D(4, 1, activation="swish", name="wide")(L.ReLU(name="a/stem_relu")(x))
    model = randomized(tf_keras.Model(inputs, L.GlobalAveragePooling2D(name="scores")(x)))
    images = np.random.default_rng(0).uniform(-1, 1, (4, 8, 8, 3)).astype(np.float32)
    for data in (
        to_tflite(model, int8=True, calibration=images),
        to_tflite(quantization_aware(model, images, (-1.0, 1.0)), int8=True),
    ):
        graph = read_tflite(data, "model.tflite")
        computed = [tensor.name for tensor in graph.tensors if tensor.data is None]
        assert len(set(computed)) == len(computed) == 6
        layers = ["image", "a/stem_relu", "wide_linear", "wide", "scores"]
        assert {layer_of(name, layers) for name in computed} - {"wide_linear"} == set(layers) - {"wide_linear"}
        assert all(tensor.name == str(tensor.index) for tensor in graph.tensors if tensor.data is not None)
        runtime = LitertRuntime(data, reference=True)
        assert (runtime.input_spec.name, runtime.output_spec.name) == ("image", "scores")
