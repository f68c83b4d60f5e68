"""Means over the batch, as a LayerNormalization becomes: the reference's bytes in numpy and in C."""

from pathlib import Path

import numpy as np
import pytest
from codegraphs import Case, run_merged
from int8graphs.draft import Draft
from int8graphs.random_graphs import RandomGraph, finish
from int8graphs.reference import run_reference

from edge_nas.codegen import compile_tflite
from edge_nas.emulation.frames import packed
from edge_nas.errors import ArtifactError
from edge_nas.int8.batches import with_batches
from edge_nas.int8.interpreter import Int8Interpreter
from edge_nas.int8.reader import read_tflite


def normalization() -> RandomGraph:
    """Returns (x - mean) * rsqrt(variance + e), columns by columns, of which the mean goes over the batch as well."""
    draft = Draft(np.random.default_rng(0))
    source = draft.activation((1, 4, 1, 6), 0.02, 3)
    axes = draft.writer.constant([0, 1, 2])
    mean = draft.operator("MEAN", [source.index, axes], draft.activation((6,), 0.01, 5), {"KeepDims": 0})
    squares = draft.activation((1, 4, 1, 6), 0.03, -128)
    draft.operator("SQUARED_DIFFERENCE", [source.index, mean.index], squares)
    variance = draft.operator("MEAN", [squares.index, axes], draft.activation((6,), 0.02, -128), {"KeepDims": 0})
    small = draft.constant_codes((6,))
    above = draft.activation((6,), 0.03, -120)
    draft.operator("ADD", [variance.index, small.index], above, {"FusedActivationFunction": 1})
    centred = draft.activation((1, 4, 1, 6), 0.03, 0)
    draft.operator("SUB", [source.index, mean.index], centred, {"FusedActivationFunction": 0})
    scaled = draft.activation((1, 4, 1, 6), 0.05, 1)
    draft.operator("MUL", [centred.index, above.index], scaled, {"FusedActivationFunction": 0})
    return finish(draft, [source], [scaled])


def test_a_normalization_is_the_reference_s_in_numpy_and_in_c(tmp_path: Path) -> None:
    graph = normalization()
    codes = np.random.default_rng(1).integers(-128, 128, (20, 4, 1, 6)).astype(np.int8)
    (expected,) = run_reference(graph.data, [codes])
    assert len(np.unique(expected)) > 30
    np.testing.assert_array_equal(Int8Interpreter(read_tflite(graph.data, "norm")).run_all([codes])[0], expected)
    (found,) = run_merged([Case(compile_tflite(graph.data), packed([codes]))], tmp_path)
    np.testing.assert_array_equal(found, packed([expected]))


def test_what_computes_on_vectors_alone_has_a_batch_again_and_all_else_is_as_it_was() -> None:
    graph = with_batches(read_tflite(normalization().data, "norm"))
    shapes = [graph.tensors[operator.outputs[0]].shape for operator in graph.operators]
    assert shapes == [(1, 6), (1, 4, 1, 6), (1, 6), (1, 6), (1, 4, 1, 6), (1, 4, 1, 6)]
    axes = graph.tensors[graph.operators[0].inputs[1]].data
    assert axes is not None
    assert axes.tolist() == [1, 2]
    assert with_batches(graph) is graph


def test_a_network_output_without_a_batch_is_refused() -> None:
    draft = Draft(np.random.default_rng(0))
    source = draft.activation((1, 4, 6))
    axes = draft.writer.constant([0, 1])
    mean = draft.operator("MEAN", [source.index, axes], draft.activation((6,)), {"KeepDims": 0})
    with pytest.raises(ArtifactError, match=r"the axes \[0, 1\] are not supported"):
        compile_tflite(finish(draft, [source], [mean]).data)
