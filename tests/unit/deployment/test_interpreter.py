import re
import types
from typing import Any

import pytest

from edge_nas.deployment.interpreter import model_data_source, operator_methods
from edge_nas.int8.operators import OPERATORS
from edge_nas.int8.reader import read_tflite

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
    *("AddLog", "AddLogSoftmax", "AddMirrorPad", "AddRsqrt", "AddSum", "AddSvdf"),
}
# That the library has no kernel for: such a network runs as generated C alone.
WITHOUT = {"GELU", "TILE"}


def test_exactly_the_operators_used_are_registered(tiny_models: Any) -> None:
    graph = read_tflite(tiny_models.int8_tflite.read_bytes(), "tiny")
    assert operator_methods(graph) == ("AddConv2D", "AddDepthwiseConv2D", "AddResizeNearestNeighbor")


@pytest.mark.parametrize("kind", sorted(set(OPERATORS) - WITHOUT))
def test_every_operator_has_a_method_of_the_library(kind: str) -> None:
    graph: Any = types.SimpleNamespace(operators=[types.SimpleNamespace(kind=kind)] * 2)
    (method,) = operator_methods(graph)
    assert method in METHODS


def test_the_array_holds_every_byte_and_is_aligned(tiny_models: Any) -> None:
    data = tiny_models.int8_tflite.read_bytes()
    source = model_data_source(data)
    assert "__attribute__((aligned(16)))" in source
    assert bytes(map(int, re.findall(r"\b(\d+),", source))) == data
