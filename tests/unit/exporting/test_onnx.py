"""ONNX files: float ones from Keras, int8 ones from the .tflite with int8 at both ends."""

import os
import warnings

import numpy as np
import onnx
import pytest
import tf2onnx
import tf_keras

from edge_nas.errors import ArtifactError, GraphError
from edge_nas.exporting.onnx import OPSET, float_onnx, qdq_onnx
from edge_nas.graph.tflite import to_tflite
from edge_nas.runtimes.onnxruntime import OnnxRuntime

L = tf_keras.layers


@pytest.mark.smoke
def test_float_onnx_computes_what_keras_computes(tiny_models, tiny_inputs, tmp_path, capfd) -> None:
    float_onnx(tiny_models.keras, tmp_path / "model.onnx")
    expected = tiny_models.keras(tiny_inputs).numpy()
    np.testing.assert_allclose(OnnxRuntime(tmp_path / "model.onnx").run(tiny_inputs), expected, atol=1e-5)
    model = onnx.load(tmp_path / "model.onnx")
    assert model.opset_import[0].version == OPSET == 17
    assert [d.dim_value for d in model.graph.input[0].type.tensor_type.shape.dim] == [1, 8, 8, 3]
    assert capfd.readouterr().out == ""


@pytest.mark.smoke
def test_int8_onnx_holds_quantizers_and_is_int8_at_both_ends(tiny_models, tmp_path) -> None:
    qdq_onnx(tiny_models.int8_tflite, tmp_path / "model_int8.onnx")
    graph = onnx.load(tmp_path / "model_int8.onnx").graph
    kinds = {node.op_type for node in graph.node}
    assert {"QuantizeLinear", "DequantizeLinear", "Conv"} <= kinds
    ends = {value.type.tensor_type.elem_type for value in (*graph.input, *graph.output)}
    assert ends == {onnx.TensorProto.INT8}


@pytest.fixture(scope="module")
def classifier():
    """A network whose files reshape: global pooling, flattening, two dense layers."""
    inputs = L.Input((8, 8, 3), name="image")
    x = L.Conv2D(4, 3, strides=2, padding="same", activation="relu")(inputs)
    x = L.UpSampling2D(2, interpolation="bilinear")(L.DepthwiseConv2D(3, padding="same")(x))
    x = L.Dense(6, activation="relu")(L.Flatten()(L.MaxPooling2D(2)(x)))
    return tf_keras.Model(inputs, L.Softmax()(L.Dense(3)(x)))


def batches(path) -> list[object]:
    graph = onnx.load(path).graph
    dims = [value.type.tensor_type.shape.dim[0] for value in (*graph.input, *graph.output)]
    return [dim.dim_param or dim.dim_value for dim in dims]


@pytest.mark.parametrize("dynamic", [False, True])
def test_the_batch_is_one_or_any(classifier, tiny_inputs, tmp_path, dynamic) -> None:
    (tmp_path / "model.tflite").write_bytes(to_tflite(classifier, int8=True, calibration=tiny_inputs))
    float_onnx(classifier, tmp_path / "model.onnx", dynamic=dynamic)
    qdq_onnx(tmp_path / "model.tflite", tmp_path / "model_int8.onnx", dynamic=dynamic)
    for name in ("model.onnx", "model_int8.onnx"):
        path = tmp_path / name
        assert batches(path) == (["batch", "batch"] if dynamic else [1, 1])
        onnx.shape_inference.infer_shapes(onnx.load(path), check_type=True, strict_mode=True)
        runtime = OnnxRuntime(path)
        stored = runtime.quantize_input(tiny_inputs) if runtime.is_int8 else tiny_inputs
        if dynamic:
            each = np.concatenate([runtime.run_together(sample[None]) for sample in stored])
            np.testing.assert_allclose(runtime.run_together(stored), each, atol=1e-6)
        else:
            with pytest.raises(ArtifactError, match="cannot run it"):
                runtime.run_together(stored)


def test_weights_of_int8_onnx_have_a_scale_per_channel(tiny_models, tmp_path) -> None:
    qdq_onnx(tiny_models.int8_tflite, tmp_path / "model_int8.onnx")
    graph = onnx.load(tmp_path / "model_int8.onnx").graph
    constants = {tensor.name: tensor for tensor in graph.initializer}
    stem = next(
        node for node in graph.node
        if node.input[0] in constants and list(constants[node.input[0]].dims) == [4, 3, 3, 3]
    )  # fmt: skip
    assert list(constants[stem.input[1]].dims) == [4]
    assert [(attribute.name, attribute.i) for attribute in stem.attribute] == [("axis", 0)]


def test_what_onnx_does_not_know_is_refused_and_nothing_is_written(tmp_path) -> None:
    import tensorflow as tf

    inputs = L.Input((8, 8, 3))
    model = tf_keras.Model(inputs, tf.raw_ops.Bitcast(input=inputs, type=tf.int32))
    with pytest.raises(GraphError, match=r"model\.onnx: cannot be written as ONNX"):
        float_onnx(model, tmp_path / "model.onnx")
    assert not list(tmp_path.iterdir())


def test_running_out_of_memory_is_no_fault_of_the_network(tiny_models, tmp_path, monkeypatch) -> None:
    def convert(*_: object, **__: object) -> None:
        raise MemoryError

    monkeypatch.setattr("tf2onnx.convert.from_tflite", convert)
    with pytest.raises(MemoryError):
        qdq_onnx(tiny_models.int8_tflite, tmp_path / "model_int8.onnx")


def test_the_interpreter_of_the_conversion_says_nothing(tiny_models, tmp_path, monkeypatch, capfd) -> None:
    convert = tf2onnx.convert.from_tflite

    def talks(*arguments: object, **settings: object) -> object:
        os.write(2, b"INFO: Created TensorFlow Lite XNNPACK delegate for CPU.\n")  # as it does, once in a process
        warnings.warn("tf.lite.Interpreter is deprecated", UserWarning, stacklevel=1)
        return convert(*arguments, **settings)

    monkeypatch.setattr(tf2onnx.convert, "from_tflite", talks)
    with warnings.catch_warnings(record=True) as told:
        qdq_onnx(tiny_models.int8_tflite, tmp_path / "model_int8.onnx")
    assert told == []
    assert capfd.readouterr() == ("", "")
