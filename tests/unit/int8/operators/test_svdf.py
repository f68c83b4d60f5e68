"""SVDF over calls: beside LiteRT with a state of int16, beside tflite-micro with one of int8."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from int8graphs.random_graphs import RandomGraph, probe_inputs
from int8graphs.recurrent import svdf_graph
from int8graphs.reference import run_reference, run_tflite_micro

from edge_nas.codegen import compile_tflite, write_compiled
from edge_nas.core.config import VerifySpec
from edge_nas.emulation import run_on_host
from edge_nas.errors import ArtifactError
from edge_nas.int8.cost import tflite_cost
from edge_nas.int8.interpreter import Int8Interpreter
from edge_nas.int8.reader import read_tflite
from edge_nas.verification import verify_model

SEEDS, CALLS = 30, 24


def batch_of(graph: RandomGraph, seed: int) -> np.ndarray:
    return probe_inputs(graph, seed, CALLS - 3)[0]


def ours(graph: RandomGraph, batch: np.ndarray) -> np.ndarray:
    return Int8Interpreter(read_tflite(graph.data, "svdf")).run(batch)


def test_a_state_of_int16_gives_the_bytes_of_the_reference_over_calls() -> None:
    varied = 0
    for seed in range(SEEDS):
        graph = svdf_graph(seed, "int16")
        batch = batch_of(graph, seed)
        (expected,) = run_reference(graph.data, [batch])
        np.testing.assert_array_equal(ours(graph, batch), expected, err_msg=f"seed {seed}")
        varied += len(np.unique(expected)) > 10
    assert varied > SEEDS // 2


@pytest.mark.parametrize("dense", [False, True])
def test_a_state_of_int8_gives_the_bytes_of_tflite_micro_over_calls(dense: bool) -> None:
    graphs = [svdf_graph(seed, "int8", dense=dense) for seed in range(SEEDS)]
    batches = [batch_of(graph, seed) for seed, graph in enumerate(graphs)]
    cases = [(graph.data, [batch], 1) for graph, batch in zip(graphs, batches, strict=True)]
    varied = 0
    for seed, (expected,) in enumerate(run_tflite_micro(cases)):
        np.testing.assert_array_equal(ours(graphs[seed], batches[seed]), expected, err_msg=f"seed {seed}")
        varied += len(np.unique(expected)) > 10
    assert varied > SEEDS // 2


@pytest.mark.parametrize("state", ["int8", "int16"])
def test_the_c_gives_the_same_over_calls(state: str, tmp_path: Path) -> None:
    graph = svdf_graph(3, state, dense=state == "int8")
    batch = batch_of(graph, 3)
    compiled = compile_tflite(graph.data)
    assert compiled.keeps_state
    write_compiled(compiled, tmp_path)
    np.testing.assert_array_equal(run_on_host(tmp_path, batch), ours(graph, batch))


def test_verify_takes_tflite_micro_for_what_litert_does_not_run() -> None:
    graph = svdf_graph(2, "int8", dense=True)
    spec = VerifySpec(inputs=1, slow_inputs=1, core_inputs=1, cores=())
    report = verify_model(spec, graph.data, compile_tflite(graph.data), source="svdf")
    assert report.reference.startswith("tflite-micro")
    assert {program.inputs for program in report.programs} == {100}


@pytest.mark.mcu
@pytest.mark.parametrize("core", ["cortex-m4", "cortex-m0plus", "rv32imac"])
@pytest.mark.parametrize("state", ["int8", "int16"])
def test_cores_give_the_same_over_calls(core: str, state: str) -> None:
    graph = svdf_graph(4, state)
    spec = VerifySpec(inputs=1, slow_inputs=1, core_inputs=1, cores=(core,))
    report = verify_model(spec, graph.data, compile_tflite(graph.data), source="svdf")
    assert report.cores[core].inputs == 100


def test_both_matrices_are_counted() -> None:
    graph = read_tflite(svdf_graph(5, "int8").data, "svdf")
    assert tflite_cost(graph, 0).macs == graph.tensors[1].elements + graph.tensors[2].elements


def test_what_is_not_supported_is_refused() -> None:
    graph = read_tflite(svdf_graph(0, "int16").data, "svdf")
    (operator,) = graph.operators
    linear = replace(operator, options={**operator.options, "FusedActivationFunction": 0})
    with pytest.raises(ArtifactError, match="the option FusedActivationFunction is 0; supported: 1"):
        Int8Interpreter(replace(graph, operators=(linear,)))


def test_what_tflite_micro_computes_otherwise_is_refused_beside_a_state_of_int8() -> None:
    graph = read_tflite(svdf_graph(0, "int8").data, "svdf")
    behind = replace(graph.operators[0], index=1, number=1, kind="LOGISTIC", inputs=graph.outputs)
    with pytest.raises(ArtifactError, match="operator 1 is LOGISTIC, beside operator 0, SVDF"):
        Int8Interpreter(replace(graph, operators=(*graph.operators, behind)))
