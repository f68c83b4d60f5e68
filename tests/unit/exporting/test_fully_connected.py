"""Dense layers of an int8 file in ONNX."""

import numpy as np
import pytest
import tf_keras

from edge_nas.exporting.onnx import qdq_onnx
from edge_nas.graph.tflite import to_tflite
from edge_nas.runtimes.onnxruntime import OnnxRuntime

L = tf_keras.layers


@pytest.mark.parametrize("dynamic", [False, True])
def test_a_dense_layer_behind_pooling_keeps_its_bias(tiny_inputs, tmp_path, dynamic) -> None:
    inputs = L.Input((8, 8, 3), name="image")
    network = tf_keras.Model(inputs, L.Dense(3, name="head")(L.Flatten()(L.AveragePooling2D(8)(inputs))))
    network.get_layer("head").set_weights([np.eye(3), np.array([2.0, -1.0, 0.5])])
    file = tmp_path / "model.tflite"
    file.write_bytes(to_tflite(network, int8=True, calibration=tiny_inputs))
    qdq_onnx(file, tmp_path / "model_int8.onnx", dynamic=dynamic)
    seen = OnnxRuntime(tmp_path / "model_int8.onnx").run(tiny_inputs)
    np.testing.assert_allclose(seen, network(tiny_inputs), atol=0.05)
