"""ONNX files: float ones from Keras, int8 ones from the .tflite with int8 at both ends."""

import numpy as np
import onnx
import pytest
import tf_keras

from edge_nas.errors import GraphError
from edge_nas.exporting.onnx import OPSET, float_onnx, qdq_onnx
from edge_nas.runtimes.onnxruntime import OnnxRuntime

L = tf_keras.layers


def test_float_onnx_computes_what_keras_computes(tiny_models, tiny_inputs, tmp_path, capfd) -> None:
    float_onnx(tiny_models.keras, tmp_path / "model.onnx")
    expected = tiny_models.keras(tiny_inputs).numpy()
    np.testing.assert_allclose(OnnxRuntime(tmp_path / "model.onnx").run(tiny_inputs), expected, atol=1e-5)
    model = onnx.load(tmp_path / "model.onnx")
    assert model.opset_import[0].version == OPSET == 17
    assert [d.dim_value for d in model.graph.input[0].type.tensor_type.shape.dim] == [1, 8, 8, 3]
    assert capfd.readouterr().out == ""


def test_int8_onnx_holds_quantizers_and_is_int8_at_both_ends(tiny_models, tmp_path) -> None:
    qdq_onnx(tiny_models.int8_tflite, tmp_path / "model_int8.onnx")
    graph = onnx.load(tmp_path / "model_int8.onnx").graph
    kinds = {node.op_type for node in graph.node}
    assert {"QuantizeLinear", "DequantizeLinear", "Conv"} <= kinds
    ends = {value.type.tensor_type.elem_type for value in (*graph.input, *graph.output)}
    assert ends == {onnx.TensorProto.INT8}


def test_what_onnx_does_not_know_is_refused_and_nothing_is_written(tmp_path) -> None:
    import tensorflow as tf

    inputs = L.Input((8, 8, 3))
    model = tf_keras.Model(inputs, tf.raw_ops.Bitcast(input=inputs, type=tf.int32))
    with pytest.raises(GraphError, match=r"model\.onnx: cannot be written as ONNX"):
        float_onnx(model, tmp_path / "model.onnx")
    assert not list(tmp_path.iterdir())
