"""int8 without training: all int8, close to float, and near what calibrated fake quantization gives."""

import re

import numpy as np
import pytest
import tensorflow as tf
import tf_keras

import edge_nas
from edge_nas.codegen import compile_tflite
from edge_nas.core.preprocessing import Preprocessing
from edge_nas.errors import ConfigError, DataError, GateError, GraphError
from edge_nas.int8.graph import float_tensors
from edge_nas.int8.interpreter import Int8Interpreter
from edge_nas.int8.reader import read_tflite
from edge_nas.quantization import quantize_model
from edge_nas.quantization.ptq import int8_graph
from edge_nas.runtimes.litert import LitertRuntime

L = tf_keras.layers


def test_a_model_and_an_array_give_a_file_close_to_float(int8) -> None:
    assert edge_nas.quantize_model is quantize_model
    data = quantize_model(int8.float_network, int8.images)
    assert not float_tensors(read_tflite(data, "model.tflite"))
    runtime = LitertRuntime(data, reference=True)
    assert runtime.input_spec.dtype == runtime.output_spec.dtype == "int8"
    expected = int8.float_network(int8.images).numpy()
    extent = expected.max() - expected.min()
    seen = runtime.run(int8.images)
    assert np.abs(seen - expected).mean() < 0.02 * extent
    # The same ranges by another way: what the fake-quantized network computes without a step of training.
    assert np.abs(seen - int8.quantized(int8.images).numpy()).mean() < 0.02 * extent


def test_activations_of_sixteen_bits_are_nearer_to_float_and_compile() -> None:
    tf_keras.utils.set_random_seed(0)
    image = L.Input((8, 8, 3))
    x = L.MaxPool2D()(L.Conv2D(6, 3, padding="same", activation="relu")(image))
    x = L.Add()([x, L.DepthwiseConv2D(3, padding="same")(x)])
    x = L.Dense(4, activation="softmax")(L.GlobalAveragePooling2D()(x))
    network = tf_keras.Model(image, x)
    images = np.random.default_rng(0).normal(size=(20, 8, 8, 3)).astype(np.float32)
    data = quantize_model(network, images, activations="int16")
    graph = read_tflite(data, "model.tflite")
    assert {tensor.dtype for tensor in graph.tensors if tensor.data is None} == {"int16"}
    expected = network(images).numpy()
    fine, coarse = (LitertRuntime(file, reference=True) for file in (data, quantize_model(network, images)))
    assert np.abs(fine.run(images) - expected).mean() < np.abs(coarse.run(images) - expected).mean() / 2
    codes = fine.quantize_input(images)
    np.testing.assert_array_equal(Int8Interpreter(graph).run(codes), fine.run_stored(codes))
    assert compile_tflite(data).input.dtype == "int16"


def test_activations_of_sixteen_bits_go_with_the_nearest_rounding(int8) -> None:
    with pytest.raises(ConfigError, match=r"go with the nearest rounding.*seen: rounding covariance"):
        quantize_model(int8.float_network, int8.images, activations="int16", rounding="covariance")
    with pytest.raises(ConfigError, match="activations is 'int4'; allowed: int8, int16"):
        quantize_model(int8.float_network, int8.images, activations="int4")


def test_pixels_and_datasets_are_taken_as_elsewhere(int8) -> None:
    pixels = np.random.default_rng(3).integers(0, 256, (8, 16, 16, 3), dtype=np.uint8)
    expected = quantize_model(int8.float_network, Preprocessing().apply(pixels))
    assert quantize_model(int8.float_network, pixels) == expected
    assert quantize_model(int8.float_network, tf.data.Dataset.from_tensor_slices(pixels).batch(3)) == expected


def test_a_model_that_was_never_built_takes_its_shape_from_the_images() -> None:
    class Net(tf_keras.Model):
        def __init__(self) -> None:
            super().__init__()
            self.conv = L.Conv2D(2, 3)

        def call(self, x):
            return tf.nn.relu(self.conv(x))

    images = np.random.default_rng(0).normal(size=(4, 8, 10, 3)).astype(np.float32)
    assert LitertRuntime(quantize_model(Net(), images), reference=True).input_spec.shape == (1, 8, 10, 3)


def test_inputs_and_outputs_stand_in_the_file_in_the_order_of_the_network() -> None:
    """The converter has an order of its own: that in which it meets them."""
    image, numbers = L.Input((8, 8, 1), name="image"), L.Input((5,), name="numbers")
    late = L.Dense(3, name="late")(L.Dense(4, "relu")(numbers))
    pooled = L.GlobalAveragePooling2D()(L.Conv2D(4, 3, name="stem")(image))
    both = L.Dense(2, name="both")(L.Concatenate()([pooled, late]))
    model = tf_keras.Model([image, numbers], [both, late])
    generator = np.random.default_rng(0)
    inputs = [generator.normal(size=(16, *shape)).astype(np.float32) for shape in ((8, 8, 1), (5,))]
    told = []
    graph = read_tflite(quantize_model(model, inputs, tell=told.append), "model.tflite")
    assert [graph.tensors[index].name for index in graph.inputs] == ["image", "numbers"]
    assert [graph.tensors[index].shape for index in graph.outputs] == [(1, 2), (1, 3)]
    assert max(output.error for output in told[0].outputs) < 0.1


def test_an_lstm_becomes_the_operator() -> None:
    signals = np.random.default_rng(0).normal(size=(16, 6, 3)).astype(np.float32)
    told = []
    data = quantize_model(tf_keras.Sequential([L.Input((6, 3)), L.LSTM(4), L.Dense(2)]), signals, tell=told.append)
    graph = read_tflite(data, "model.tflite")
    assert "UNIDIRECTIONAL_SEQUENCE_LSTM" in {operator.kind for operator in graph.operators}
    assert not float_tensors(graph)


@pytest.mark.parametrize(
    ("layer", "instead"),
    [
        (L.GRU(4), "an LSTM, the one recurrent layer with an int8 operator in TFLite, or Conv1D instead"),
        (L.SimpleRNN(4), "an LSTM, the one recurrent layer with an int8 operator in TFLite, or Conv1D instead"),
        (L.LSTM(4, recurrent_activation="hard_sigmoid"), "an LSTM as Keras makes it (tanh, recurrent sigmoid, with"),
    ],
    ids=["GRU", "SimpleRNN", "LSTM"],
)
def test_recurrent_layers_that_end_the_converter_are_refused(layer, instead: str) -> None:
    signals = np.random.default_rng(0).normal(size=(4, 6, 3)).astype(np.float32)
    message = rf"cannot be quantized to int8: layer '{layer.name}' \({type(layer).__name__}\), use {re.escape(instead)}"
    with pytest.raises(GraphError, match=message):
        quantize_model(tf_keras.Sequential([L.Input((6, 3)), layer]), signals)


def test_images_from_which_no_ranges_follow_are_refused(int8) -> None:
    with pytest.raises(DataError, match="allowed: 4 axes, the first for at least one image"):
        quantize_model(int8.float_network, int8.images[:0])
    broken = int8.images.copy()
    broken[1, 2, 3, 0] = np.nan
    with pytest.raises(DataError, match="NaN or infinity"):
        quantize_model(int8.float_network, broken)


def test_corrected_weights_come_closer_to_float_where_their_rounding_is_what_counts(randomized) -> None:
    """Flat bright images: the rounding errors of a kernel's taps add up, and those of activations are small."""
    inputs = L.Input((8, 8, 3), name="image")
    network = randomized(tf_keras.Model(inputs, L.Conv2D(8, 5, name="conv")(inputs)))
    images = np.random.default_rng(0).uniform(0.7, 1.0, (24, 1, 1, 3)).astype(np.float32) * np.ones(
        (8, 8, 1), np.float32
    )
    expected = network(images).numpy()

    def error(**settings) -> float:
        seen = LitertRuntime(quantize_model(network, images, **settings), reference=True).run(images)
        return float(np.abs((seen - expected).mean(axis=(0, 1, 2))).mean())

    nearest = error()
    assert error(rounding="covariance") < 0.6 * nearest
    assert error(bias_correction=True) < 0.6 * nearest


def test_an_unknown_rounding_is_refused(int8) -> None:
    with pytest.raises(ConfigError, match="rounding is 'gptq'; allowed: nearest, covariance"):
        quantize_model(int8.float_network, int8.images, rounding="gptq")


def test_an_embedding_is_named_where_the_converter_leaves_it_floats() -> None:
    words = tf_keras.Sequential([L.Input((6,)), L.Embedding(10, 4, name="words"), L.Flatten(), L.Dense(2)])
    numbers = np.random.default_rng(0).integers(0, 10, (16, 6)).astype(np.float32)
    message = r"of layer 'words' \(Embedding\), use an input of the vectors that it looks up instead"
    with pytest.raises(GateError, match=message):
        quantize_model(words, numbers)


def test_a_file_with_float_tensors_is_held_back(int8) -> None:
    from edge_nas.graph.tflite import to_tflite

    with pytest.raises(GateError, match=r"quantize: \d+ float tensors are left in the int8 file: "):
        int8_graph(to_tflite(int8.float_network, int8=False), "float.tflite", int8.float_network)
