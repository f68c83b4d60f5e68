"""What depends on the file alone becomes a constant, equal to what the reference computes."""

import numpy as np
import pytest
import tflite
from int8graphs.reference import run_reference
from int8graphs.writer import Writer

from edge_nas.errors import ArtifactError
from edge_nas.int8.folding import fold_constants
from edge_nas.int8.interpreter import Int8Interpreter
from edge_nas.int8.reader import read_tflite

MASKS = {"BeginMask": 0, "EndMask": 0, "EllipsisMask": 0, "NewAxisMask": 0, "ShrinkAxisMask": 1, "Offset": 0}


def open_reshape() -> bytes:
    """Returns Keras' Reshape((6, 1)) with an open batch: its shape is computed."""
    writer = Writer()
    source, output = writer.tensor((1, 2, 3), 0.1, 0), writer.tensor((1, 6, 1), 0.1, 0)
    shape, batch, packed = (writer.tensor(size, dtype="int32") for size in ((3,), (), (3,)))
    writer.operator("SHAPE", [source], [shape], {"OutType": tflite.TensorType.INT32})
    cut = [writer.constant([value]) for value in (0, 1, 1)]
    writer.operator("STRIDED_SLICE", [shape, *cut], [batch], MASKS)
    sizes = [writer.constant(6), writer.constant(1)]
    writer.operator("PACK", [batch, *sizes], [packed], {"ValuesCount": 3, "Axis": 0})
    writer.operator("RESHAPE", [source, packed], [output], {})
    return writer.finish([source], [output])


def test_the_shape_of_an_open_reshape_is_a_constant() -> None:
    data = open_reshape()
    graph = fold_constants(read_tflite(data, "open"))
    assert [operator.kind for operator in graph.operators] == ["RESHAPE"]
    np.testing.assert_array_equal(graph.tensors[graph.operators[0].inputs[1]].data, [1, 6, 1])
    codes = np.arange(12, dtype=np.int8).reshape(2, 2, 3)
    np.testing.assert_array_equal(
        Int8Interpreter(read_tflite(data, "open")).run(codes), run_reference(data, [codes])[0]
    )


def test_constants_are_tiled_cast_and_joined() -> None:
    writer = Writer()
    small = writer.tensor((1, 1, 2), 0.1, 0, data=np.array([[[3, -4]]], np.int8))
    tiled = writer.tensor((1, 3, 2), 0.1, 0)
    wide, times = writer.constant([1, 3, 1], "int64"), writer.tensor((3,), dtype="int32")
    writer.operator("CAST", [wide], [times])
    writer.operator("TILE", [small, times], [tiled])
    source, output = writer.tensor((1, 3, 2), 0.1, 0), writer.tensor((1, 3, 4), 0.1, 0)
    writer.operator("CONCATENATION", [source, tiled], [output], {"Axis": 2, "FusedActivationFunction": 0})
    graph = read_tflite(writer.finish([source], [output]), "tiled")
    assert [operator.kind for operator in fold_constants(graph).operators] == ["CONCATENATION"]
    found = Int8Interpreter(graph).run(np.zeros((1, 3, 2), np.int8))
    np.testing.assert_array_equal(found[0, :, 2:], [[3, -4]] * 3)


def test_what_a_network_gives_stays_computed_and_what_is_unknown_is_refused() -> None:
    writer = Writer()
    source, given = writer.tensor((1, 2), 0.1, 0), writer.tensor((2,), dtype="int32")
    writer.operator("SHAPE", [source], [given])
    graph = read_tflite(writer.finish([source], [given]), "shape")
    assert fold_constants(graph) is graph
    with pytest.raises(ArtifactError, match="operator 0 is SHAPE"):
        Int8Interpreter(graph)
