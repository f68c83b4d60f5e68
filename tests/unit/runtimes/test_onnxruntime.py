import numpy as np
import onnx
import pytest
from onnx import ModelProto, TensorProto, helper, numpy_helper

from edge_nas.errors import ArtifactError, UnsafeError
from edge_nas.runtimes.litert import LitertRuntime
from edge_nas.runtimes.onnxruntime import OnnxRuntime


def save(path, nodes, inputs, outputs, constants) -> None:
    """Writes a graph; constants are (name, array), inputs and outputs (name, type, shape)."""
    graph = helper.make_graph(
        nodes,
        "hand",
        [helper.make_tensor_value_info(*value) for value in inputs],
        [helper.make_tensor_value_info(*value) for value in outputs],
        [numpy_helper.from_array(array, name) for name, array in constants],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    onnx.save(model, str(path))


def save_requantizer(path, channels: int | None = None) -> None:
    """Writes int8 in (scale 0.5, zero point 3) -> Transpose -> real -> int8 out (scale 0.25, zero point -7)."""
    scale = np.float32(0.5) if channels is None else np.full(channels, 0.5, np.float32)
    zero_point = np.int8(3) if channels is None else np.full(channels, 3, np.int8)
    nodes = [
        helper.make_node("Transpose", ["codes"], ["moved"], perm=[0, 3, 1, 2]),
        helper.make_node("DequantizeLinear", ["moved", "s1", "z1"], ["real"]),
        helper.make_node("QuantizeLinear", ["real", "s2", "z2"], ["stored"]),
        helper.make_node("Transpose", ["stored"], ["result"], perm=[0, 2, 3, 1]),
    ]
    constants = [
        ("s1", np.asarray(scale)),
        ("z1", np.asarray(zero_point)),
        ("s2", np.array(0.25, np.float32)),
        ("z2", np.array(-7, np.int8)),
    ]
    shape = ["batch", 2, 2, 3]
    save(path, nodes, [("codes", TensorProto.INT8, shape)], [("result", TensorProto.INT8, shape)], constants)


def test_a_float_file_gives_what_keras_gives(tiny_models, tiny_inputs) -> None:
    runtime = OnnxRuntime(tiny_models.float_onnx)
    expected = tiny_models.keras(tiny_inputs, training=False).numpy()
    np.testing.assert_allclose(runtime.run(tiny_inputs), expected, atol=1e-5)
    assert (runtime.name, runtime.is_int8) == ("onnxruntime", False)


def test_a_qdq_file_has_the_quantization_of_the_tflite_it_was_made_from(tiny_models) -> None:
    runtime = OnnxRuntime(tiny_models.int8_onnx)
    original = LitertRuntime(tiny_models.int8_tflite, reference=True)
    for ours, theirs in ((runtime.input_spec, original.input_spec), (runtime.output_spec, original.output_spec)):
        assert (ours.shape, ours.dtype, ours.zero_point) == (theirs.shape, "int8", theirs.zero_point)
        assert ours.scale == pytest.approx(theirs.scale)
    assert runtime.name == "onnxruntime unfused"
    assert OnnxRuntime(tiny_models.int8_onnx, reference=False).name == "onnxruntime"


@pytest.mark.smoke
def test_a_qdq_file_gives_nearly_the_codes_of_the_reference_kernels(tiny_models, tiny_inputs) -> None:
    runtime = OnnxRuntime(tiny_models.int8_onnx)
    original = LitertRuntime(tiny_models.int8_tflite, reference=True)
    codes = original.quantize_input(tiny_inputs)
    difference = np.abs(runtime.run_int8(codes).astype(int) - original.run_int8(codes))
    assert difference.max() <= 2
    assert difference.mean() < 0.5


def test_scale_and_zero_point_are_found_behind_moves(tmp_path) -> None:
    save_requantizer(tmp_path / "hand.onnx")
    runtime = OnnxRuntime(tmp_path / "hand.onnx")
    assert (runtime.input_spec.scale, runtime.input_spec.zero_point) == (0.5, 3)
    assert (runtime.output_spec.scale, runtime.output_spec.zero_point) == (0.25, -7)
    inputs = np.linspace(-8, 8, 12, dtype=np.float32).reshape(1, 2, 2, 3).round()
    np.testing.assert_array_equal(runtime.run(inputs), inputs)


def test_int8_without_one_scale_is_refused(tmp_path) -> None:
    save_requantizer(tmp_path / "channels.onnx", channels=3)
    with pytest.raises(ArtifactError, match=r"channels\.onnx: input 'codes' is int8 but has no scale"):
        OnnxRuntime(tmp_path / "channels.onnx")
    nodes = [helper.make_node("Identity", ["codes"], ["result"])]
    value = (TensorProto.INT8, [1, 2, 2, 3])
    save(tmp_path / "bare.onnx", nodes, [("codes", *value)], [("result", *value)], [])
    with pytest.raises(ArtifactError, match="no scale"):
        OnnxRuntime(tmp_path / "bare.onnx")


@pytest.mark.parametrize(
    ("dtype", "shape", "message"),
    [
        (TensorProto.FLOAT, [1, "height", 4, 3], "only the batch may be free"),
        (TensorProto.FLOAT, [2, 4, 4, 3], "batch 1"),
        (TensorProto.DOUBLE, [1, 4, 4, 3], "allowed: float32, int8"),
    ],
)
def test_other_inputs_are_refused(tmp_path, dtype: int, shape: list, message: str) -> None:
    nodes = [helper.make_node("Identity", ["x"], ["y"])]
    save(tmp_path / "m.onnx", nodes, [("x", dtype, shape)], [("y", dtype, shape)], [])
    with pytest.raises(ArtifactError, match=message):
        OnnxRuntime(tmp_path / "m.onnx")


def test_two_inputs_are_refused(tmp_path) -> None:
    value = (TensorProto.FLOAT, [1, 4])
    nodes = [helper.make_node("Add", ["a", "b"], ["y"])]
    save(tmp_path / "m.onnx", nodes, [("a", *value), ("b", *value)], [("y", *value)], [])
    with pytest.raises(ArtifactError, match="2 inputs"):
        OnnxRuntime(tmp_path / "m.onnx")


def outside_tensor() -> TensorProto:
    tensor = TensorProto(name="w", data_type=TensorProto.FLOAT, dims=[4], data_location=TensorProto.EXTERNAL)
    tensor.external_data.add(key="location", value="outside.bin")
    return tensor


VALUES = [helper.make_tensor_value_info(name, TensorProto.FLOAT, [1, 4]) for name in "xy"]
OPSETS = [helper.make_opsetid("", 17), helper.make_opsetid("own", 1)]


def with_initializer() -> ModelProto:
    add = helper.make_node("Add", ["x", "w"], ["y"])
    return helper.make_model(helper.make_graph([add], "g", VALUES[:1], VALUES[1:], [outside_tensor()]))


def with_sparse_initializer() -> ModelProto:
    model = with_initializer()
    model.graph.sparse_initializer.add().values.CopyFrom(model.graph.initializer.pop())
    return model


def inside_a_branch() -> ModelProto:
    constant = helper.make_node("Constant", [], ["c"], value=outside_tensor())
    branch = helper.make_graph([constant, helper.make_node("Add", ["x", "c"], ["y"])], "b", [], VALUES[1:])
    condition = helper.make_node("Constant", [], ["q"], value=numpy_helper.from_array(np.array(True)))
    choice = helper.make_node("If", ["q"], ["y"], then_branch=branch, else_branch=branch)
    return helper.make_model(helper.make_graph([condition, choice], "g", VALUES[:1], VALUES[1:]))


def inside_a_function() -> ModelProto:
    nodes = [
        helper.make_node("Constant", [], ["c"], value=outside_tensor()),
        helper.make_node("Add", ["a", "c"], ["b"]),
    ]
    function = helper.make_function("own", "F", ["a"], ["b"], nodes, OPSETS[:1])
    graph = helper.make_graph([helper.make_node("F", ["x"], ["y"], domain="own")], "g", VALUES[:1], VALUES[1:])
    return helper.make_model(graph, functions=[function], opset_imports=OPSETS)


def left_by_training() -> ModelProto:
    model = with_initializer()
    model.training_info.add().initialization.initializer.append(model.graph.initializer.pop())
    return model


@pytest.mark.parametrize(
    "made", [with_initializer, with_sparse_initializer, inside_a_branch, inside_a_function, left_by_training]
)
def test_tensors_stored_in_other_files_are_refused_as_unsafe(tmp_path, made) -> None:
    (tmp_path / "outside.bin").write_bytes(bytes(16))
    (tmp_path / "m.onnx").write_bytes(made().SerializeToString())
    with pytest.raises(UnsafeError, match=r"m\.onnx: tensor 'w' is stored in another file"):
        OnnxRuntime(tmp_path / "m.onnx")


@pytest.mark.parametrize("content", [b"", b"no model at all", b"\x08\x08\x12\x00"])
def test_a_broken_file_is_refused_by_name(tmp_path, content: bytes) -> None:
    path = tmp_path / "broken.onnx"
    path.write_bytes(content)
    with pytest.raises(ArtifactError, match=r"broken\.onnx"):
        OnnxRuntime(path)


def test_an_input_that_no_machine_holds_is_refused(tmp_path) -> None:
    nodes = [helper.make_node("Relu", ["x"], ["y"])]
    shape = [1, 2**31 - 1, 8, 3]
    save(tmp_path / "huge.onnx", nodes, [("x", TensorProto.FLOAT, shape)], [("y", TensorProto.FLOAT, shape)], [])
    with pytest.raises(ArtifactError, match=r"huge\.onnx: input 'x' has shape .*2147483647.*up to 67,108,864 values"):
        OnnxRuntime(tmp_path / "huge.onnx")
