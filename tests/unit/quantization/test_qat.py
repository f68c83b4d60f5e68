"""The fake-quantized network: close to float before any step, honest about what it cannot quantize."""

import numpy as np
import pytest
import tf_keras

from edge_nas.core.preprocessing import Preprocessing
from edge_nas.errors import GraphError
from edge_nas.int8.graph import float_tensors
from edge_nas.int8.reader import read_tflite
from edge_nas.quantization import quantization_aware
from edge_nas.runtimes.litert import LitertRuntime

L = tf_keras.layers


def test_calibrated_ranges_alone_bring_it_close_to_float(int8) -> None:
    expected = int8.float_network(int8.images).numpy()
    seen = int8.quantized(int8.images).numpy()
    error = np.abs(seen - expected)
    assert error.mean() < 0.02 * (expected.max() - expected.min())
    assert np.mean((seen > 0) == (expected > 0)) > 0.97


def test_the_float_network_is_not_changed_and_holds_no_batchnorm_any_more(int8) -> None:
    assert int8.float_network.get_layer("bn") is not None
    assert not [layer for layer in int8.quantized.layers if "bn" in layer.name]


def test_the_file_made_from_it_is_all_int8(int8) -> None:
    graph = read_tflite(int8.file, "model_int8.tflite")
    assert not float_tensors(graph)
    runtime = LitertRuntime(int8.file, reference=True)
    assert runtime.input_spec.dtype == runtime.output_spec.dtype == "int8"


def test_the_inputs_range_is_exactly_that_of_the_pixels(int8) -> None:
    runtime = LitertRuntime(int8.file, reference=True)
    assert runtime.input_spec.scale == pytest.approx(2.0 / 255.0, rel=1e-6)
    pixels = Preprocessing().apply(np.arange(256, dtype=np.uint8).reshape(-1, 1, 1, 1))
    codes = runtime.quantize_input(np.broadcast_to(pixels, (256, 16, 16, 3)))[:, 0, 0, 0].astype(int)
    # Zero lies between two pixel values and must be a code, so that at most two values share one.
    assert np.all(np.diff(codes) >= 0)
    assert len(np.unique(codes)) >= 254
    assert np.abs(codes - (np.arange(256) - 128)).max() <= 1


@pytest.mark.smoke
def test_the_file_computes_what_the_fake_quantized_network_computes(int8) -> None:
    runtime = LitertRuntime(int8.file, reference=True)
    step = runtime.output_spec.scale
    difference = np.abs(runtime.run(int8.images) - int8.quantized(int8.images).numpy()) / step
    assert difference.mean() < 2.0  # of 256 codes


def test_a_layer_that_cannot_be_int8_is_named(int8) -> None:
    inputs = L.Input((16, 16, 3))
    x = L.Conv2D(4, 1)(L.ELU(name="bent")(L.LayerNormalization(name="norm")(inputs)))
    with pytest.raises(
        GraphError,
        match=r"'student' cannot be quantized to int8: layer 'norm' \(LayerNormalization\), use BatchNormalization "
        r"instead; layer 'bent' \(ELU\), use LeakyReLU or PReLU instead",
    ):
        quantization_aware(tf_keras.Model(inputs, x, name="student"), int8.images)
