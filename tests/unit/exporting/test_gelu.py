"""GELU of a float network and of an int8 file in ONNX."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tensorflow as tf
import tf_keras

from edge_nas.exporting.onnx import float_onnx, qdq_onnx
from edge_nas.graph.tflite import to_tflite
from edge_nas.runtimes.onnxruntime import OnnxRuntime

L = tf_keras.layers


@pytest.mark.parametrize("approximate", [False, True])
def test_both_files_compute_what_keras_does(tiny_inputs: Any, tmp_path: Path, approximate: bool) -> None:
    inputs = L.Input((8, 8, 3), name="image")
    network = tf_keras.Model(inputs, tf.nn.gelu(L.Conv2D(4, 3, name="stem")(inputs), approximate=approximate))
    expected = network(tiny_inputs).numpy()
    float_onnx(network, tmp_path / "model.onnx")
    assert np.abs(OnnxRuntime(tmp_path / "model.onnx").run(tiny_inputs) - expected).max() < 1e-5
    file = tmp_path / "model.tflite"
    file.write_bytes(to_tflite(network, int8=True, calibration=tiny_inputs))
    qdq_onnx(file, tmp_path / "model_int8.onnx")
    # A few codes of a tensor that spans about two: the int8 input and weights, and the output itself.
    assert np.abs(OnnxRuntime(tmp_path / "model_int8.onnx").run(tiny_inputs) - expected).max() < 0.05
