"""Dense layers on rows without a batch, as those around the heads of attention: the reference's bytes."""

from dataclasses import replace
from pathlib import Path

import numpy as np
from codegraphs import Case, run_merged
from int8graphs.draft import Activation, Draft
from int8graphs.random_graphs import RandomGraph, finish
from int8graphs.reference import run_reference

from edge_nas.codegen import compile_tflite
from edge_nas.emulation.frames import packed
from edge_nas.int8.interpreter import Int8Interpreter
from edge_nas.int8.reader import read_tflite
from edge_nas.int8.rows import rows_with_batches


def reshaped(draft: Draft, source: Activation, shape: tuple[int, ...]) -> Activation:
    inputs = [source.index, draft.writer.constant(list(shape))]
    return draft.operator("RESHAPE", inputs, draft.activation(shape, source.scale, source.zero_point))


def dense(draft: Draft, source: Activation, units: int) -> Activation:
    shape = (units, source.shape[-1])
    weights = draft.writer.tensor(shape, [0.01], [0], data=draft.codes(shape))
    output = draft.activation((*source.shape[:-1], units), 0.1, 4)
    options = {"FusedActivationFunction": 0, "KeepNumDims": 0, "WeightsFormat": 0}
    return draft.operator("FULLY_CONNECTED", [source.index, weights], output, options)


def rows_of(ends: str) -> RandomGraph:
    """Returns dense layers on rows, whose batch a reshape takes and a reshape or a sum gives back."""
    draft = Draft(np.random.default_rng(0))
    source = draft.activation((1, 5, 6), 0.02, 3)
    rows = dense(draft, dense(draft, reshaped(draft, source, (5, 6)), 8), 6)
    if ends == "reshape":
        return finish(draft, [source], [reshaped(draft, rows, (1, 5, 2, 3))])
    total = draft.activation((1, 5, 6), 0.1, 0)
    draft.operator("ADD", [source.index, rows.index], total, {"FusedActivationFunction": 0})
    return finish(draft, [source], [total])


def test_they_give_the_reference_s_bytes_in_numpy_and_in_c(tmp_path: Path) -> None:
    codes = np.random.default_rng(1).integers(-128, 128, (20, 5, 6)).astype(np.int8)
    cases, references = [], []
    for ends in ("reshape", "sum"):
        graph = rows_of(ends)
        (expected,) = run_reference(graph.data, [codes])
        assert len(np.unique(expected)) > 30
        np.testing.assert_array_equal(Int8Interpreter(read_tflite(graph.data, ends)).run_all([codes])[0], expected)
        cases.append(Case(compile_tflite(graph.data), packed([codes])))
        references.append(packed([expected]))
    for found, expected in zip(run_merged(cases, tmp_path), references, strict=True):
        np.testing.assert_array_equal(found, expected)


def test_rows_have_a_batch_again() -> None:
    graph = rows_with_batches(read_tflite(rows_of("reshape").data, "rows"))
    shapes = [graph.tensors[operator.outputs[0]].shape for operator in graph.operators]
    assert shapes == [(1, 5, 6), (1, 5, 8), (1, 5, 6), (1, 5, 2, 3)]
    constant = graph.tensors[graph.operators[0].inputs[1]].data
    assert constant is not None
    assert constant.tolist() == [1, 5, 6]
    assert rows_with_batches(graph) is graph


def test_rows_that_something_else_reads_stay_what_they_are() -> None:
    graph = read_tflite(rows_of("reshape").data, "rows")
    last = replace(graph.operators[-1], kind="TRANSPOSE")
    other = replace(graph, operators=(*graph.operators[:-1], last))
    assert rows_with_batches(other) is other
