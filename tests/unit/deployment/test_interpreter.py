import re
import types
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest
from int8graphs import random_graph

from edge_nas.deployment.interpreter import InterpreterWay, interpreter_way, model_data_source, operator_methods
from edge_nas.errors import ArtifactError
from edge_nas.int8.operators import OPERATORS
from edge_nas.int8.reader import read_tflite
from edge_nas.runtimes import tflm

# Of tensorflow/lite/micro/micro_mutable_op_resolver.h, for the operators that are compiled here.
METHODS = {
    *("AddAdd", "AddAveragePool2D", "AddConcatenation", "AddConv2D", "AddDepthwiseConv2D", "AddFullyConnected"),
    *("AddHardSwish", "AddLeakyRelu", "AddLogistic", "AddMaxPool2D", "AddMaximum", "AddMean", "AddMinimum", "AddMul"),
    *("AddPad", "AddPadV2", "AddPrelu", "AddQuantize", "AddRelu", "AddRelu6", "AddReshape", "AddResizeBilinear"),
    *("AddResizeNearestNeighbor", "AddSoftmax", "AddStridedSlice", "AddSub", "AddTanh", "AddTranspose"),
    *("AddTransposeConv", "AddDepthToSpace", "AddExpandDims", "AddPack", "AddReduceMax", "AddReduceMin", "AddSlice"),
    *("AddAssignVariable", "AddUnidirectionalSequenceLSTM"),
    *("AddSpaceToDepth", "AddSplit", "AddSplitV", "AddSqueeze", "AddUnpack"),
    *("AddAbs", "AddArgMax", "AddArgMin", "AddBatchMatMul", "AddElu", "AddExp", "AddGather", "AddL2Normalization"),
    *("AddLog", "AddLogSoftmax", "AddMirrorPad", "AddRsqrt", "AddSquaredDifference", "AddSum", "AddSvdf"),
}
# That the library has no kernel for: such a network runs as generated C alone.
WITHOUT = {kind for kind in OPERATORS if OPERATORS[kind].resolver is None}


def test_exactly_the_operators_used_are_registered(tiny_models: Any) -> None:
    graph = read_tflite(tiny_models.int8_tflite.read_bytes(), "tiny")
    assert operator_methods(graph) == ("AddConv2D", "AddDepthwiseConv2D", "AddResizeNearestNeighbor")


@pytest.mark.parametrize("kind", sorted(set(OPERATORS) - WITHOUT))
def test_every_operator_has_a_method_of_the_library(kind: str) -> None:
    graph: Any = types.SimpleNamespace(operators=[types.SimpleNamespace(kind=kind)] * 2)
    (method,) = operator_methods(graph)
    assert method in METHODS


def test_a_network_with_an_operator_that_the_library_lacks_is_told_so() -> None:
    assert {"GELU", "TILE"} == WITHOUT
    way = interpreter_way(random_graph(1, ("GELU",), single=True).data)
    assert way == InterpreterWay(None, "tflite-micro has no kernel for GELU")


@pytest.mark.skipif(not tflm.installed(), reason=f"tflite-micro is not installed; {tflm.INSTALL_ADVICE}")
def test_what_is_said_of_the_library_holds_of_the_one_installed() -> None:
    package = find_spec("tflite_micro")
    assert package is not None
    assert package.origin is not None
    (library,) = Path(package.origin).parent.glob("python/*/_runtime*.so")
    symbols = library.read_bytes()
    lacking = {kind for kind in OPERATORS if not re.search(rb"Register_%sEv" % kind.encode(), symbols)}
    assert lacking == WITHOUT


def test_a_file_that_the_library_refuses_is_told_so(tiny_models: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(data: bytes) -> int:
        raise ArtifactError(f"no tensors of {len(data):,} bytes")

    monkeypatch.setattr(tflm, "installed", lambda: True)
    monkeypatch.setattr(tflm, "arena_bytes", refuse)
    data = tiny_models.int8_tflite.read_bytes()
    assert interpreter_way(data) == InterpreterWay(None, f"no tensors of {len(data):,} bytes")


def test_the_array_holds_every_byte_and_is_aligned(tiny_models: Any) -> None:
    data = tiny_models.int8_tflite.read_bytes()
    source = model_data_source(data)
    assert "__attribute__((aligned(16)))" in source
    assert bytes(map(int, re.findall(r"\b(\d+),", source))) == data
