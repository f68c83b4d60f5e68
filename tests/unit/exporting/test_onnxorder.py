"""The same network in any order and under any generated numbers is the same file, and computes the same."""

import random
from typing import Any

import numpy as np
import onnx
import onnxruntime
from onnx import TensorProto, helper

from edge_nas.exporting.onnxorder import put_in_order


def _network(seed: int) -> Any:
    """Two convolutions that share a bias, a transpose between them; `seed`: of order, numbers and the bias's name."""
    rng = random.Random(seed)
    number = {name: f"{name}__{rng.randrange(1000)}" for name in ("Transpose", "shape", "cast")}
    bias = rng.choice(["first/Conv2D_bias", "second/Conv2D_bias"])
    nodes = [
        helper.make_node("Conv", ["x", "first_weights", bias], ["a:0"], "first/Conv2D"),
        helper.make_node("Transpose", ["a:0"], [f"{number['Transpose']}:0"], number["Transpose"], perm=[0, 1, 3, 2]),
        helper.make_node("Conv", [f"{number['Transpose']}:0", "second_weights", bias], ["b:0"], "second/Conv2D"),
        helper.make_node("Reshape", ["b:0", number["shape"]], ["y"], number["cast"]),
    ]
    weights = np.random.default_rng(0).normal(size=(2, 2, 3, 3)).astype(np.float32)
    constants = [
        onnx.numpy_helper.from_array(weights, "first_weights"),
        onnx.numpy_helper.from_array(weights[::-1].copy(), "second_weights"),
        onnx.numpy_helper.from_array(np.array([1, -1], np.float32), bias),
        onnx.numpy_helper.from_array(np.array([1, -1], np.int64), number["shape"]),
    ]
    rng.shuffle(nodes)
    rng.shuffle(constants)
    ends = (
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, [1, 2, 6, 6])],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, [1, 8])],
    )
    graph = helper.make_graph(nodes, "network", *ends, constants)
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)


def test_order_and_numbers_leave_no_trace() -> None:
    files = set()
    for seed in range(20):
        model = _network(seed)
        put_in_order(model.graph)
        onnx.checker.check_model(model, full_check=True)
        files.add(model.SerializeToString())
    assert len(files) == 1


def test_names_follow_the_layers() -> None:
    model = _network(0)
    put_in_order(model.graph)
    assert [node.name for node in model.graph.node] == ["first/Conv2D", "Transpose_1", "second/Conv2D", "Reshape_3"]
    assert [tensor.name for tensor in model.graph.initializer] == [
        "first/Conv2D/weight",
        "first/Conv2D/bias",
        "second/Conv2D/weight",
        "Reshape_3/1",
    ]
    assert list(model.graph.node[2].input) == ["Transpose_1:0", "second/Conv2D/weight", "first/Conv2D/bias"]


def test_it_computes_the_same() -> None:
    model = _network(3)
    by_hand = {node.name: node for node in model.graph.node}
    ordered = [by_hand["first/Conv2D"], *(node for name, node in by_hand.items() if name.startswith("Transpose"))]
    ordered += [by_hand["second/Conv2D"], *(node for name, node in by_hand.items() if name.startswith("cast"))]
    before = helper.make_model(
        helper.make_graph(ordered, "n", model.graph.input, model.graph.output, model.graph.initializer),
        opset_imports=model.opset_import,
        ir_version=8,
    )
    put_in_order(model.graph)
    inputs = {"x": np.random.default_rng(1).normal(size=(1, 2, 6, 6)).astype(np.float32)}
    results = [
        onnxruntime.InferenceSession(proto.SerializeToString(), providers=["CPUExecutionProvider"]).run(None, inputs)
        for proto in (before, model)
    ]
    np.testing.assert_array_equal(results[0][0], results[1][0])


def test_what_a_branch_reads_keeps_its_maker() -> None:
    body = helper.make_graph(
        [helper.make_node("Neg", ["outer__7:0"], ["negative"], "neg")],
        "body",
        [],
        [helper.make_tensor_value_info("negative", TensorProto.FLOAT, [2])],
    )
    nodes = [
        helper.make_node("If", ["flag"], ["y"], "if__9", then_branch=body, else_branch=body),
        helper.make_node("Abs", ["x"], ["outer__7:0"], "outer__7"),
    ]
    graph = helper.make_graph(
        nodes,
        "network",
        [
            helper.make_tensor_value_info("x", TensorProto.FLOAT, [2]),
            helper.make_tensor_value_info("flag", TensorProto.BOOL, []),
        ],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, [2])],
    )
    put_in_order(graph)
    assert [node.name for node in graph.node] == ["Abs_0", "If_1"]
    assert graph.node[1].attribute[0].g.node[0].input[0] == "Abs_0:0"
    onnx.checker.check_model(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)]), full_check=True)
