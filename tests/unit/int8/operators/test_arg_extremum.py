"""ARG_MAX and ARG_MIN: the reference's places in the interpreter, and in C through both of its entries."""

from pathlib import Path

import numpy as np
import pytest
from int8graphs.random_graphs import RandomGraph, probe_inputs
from int8graphs.reference import run_reference
from int8graphs.single import Given, indices, single
from int8graphs.writer import Writer

from edge_nas.codegen import compile_tflite, write_compiled
from edge_nas.emulation import run_on_host
from edge_nas.emulation.frames import packed
from edge_nas.errors import ArtifactError
from edge_nas.int8.interpreter import Int8Interpreter
from edge_nas.int8.reader import read_tflite

# The schema's numbers of the dtypes that places may have.
OUTPUT_TYPE = {"int32": 2, "int64": 4}


def places(kind: str, axis: int, dtype: str) -> RandomGraph:
    shape = (1, 4, 3, 5)
    output = tuple(size for number, size in enumerate(shape) if number != axis % 4)
    options = {"OutputType": OUTPUT_TYPE[dtype]}
    return single(kind, [Given(shape), indices(axis)], Given(output, (), (), dtype), options)


@pytest.mark.parametrize("dtype", ["int32", "int64"])
@pytest.mark.parametrize("kind", ["ARG_MAX", "ARG_MIN"])
@pytest.mark.parametrize("axis", [1, 2, -1])
def test_places_are_those_of_the_reference(kind: str, axis: int, dtype: str, tmp_path: Path) -> None:
    graph = places(kind, axis, dtype)
    batches = [probe_inputs(graph, 1, 20)[0] // 30]  # with many that are equal
    found = Int8Interpreter(read_tflite(graph.data, "places")).run_all(batches)
    expected = run_reference(graph.data, batches)
    assert found[0].dtype == expected[0].dtype == dtype
    np.testing.assert_array_equal(found[0], expected[0])
    if axis == 2:
        write_compiled(compile_tflite(graph.data), tmp_path)
        np.testing.assert_array_equal(run_on_host(tmp_path, batches[0]), packed(expected))


def test_places_are_read_by_no_operator() -> None:
    writer = Writer()
    source, middle = writer.tensor((1, 4), 0.1, 0), writer.tensor((1,), dtype="int32")
    last = writer.tensor((1,), 0.1, 0)
    writer.operator("ARG_MAX", [source, writer.constant(1)], [middle], {"OutputType": 2})
    writer.operator("RELU", [middle], [last], {})
    with pytest.raises(ArtifactError, match="it is int32; only int8 is supported"):
        Int8Interpreter(read_tflite(writer.finish([source], [last]), "read"))
