from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from int8graphs.random_graphs import probe_inputs
from int8graphs.recurrent import lstm_graph
from int8graphs.reference import run_reference

from edge_nas.codegen import compile_tflite, write_compiled
from edge_nas.codegen.compile import plan_network
from edge_nas.core.config import VerifySpec
from edge_nas.emulation import run_on_host
from edge_nas.errors import ArtifactError
from edge_nas.int8.cost import tflite_cost
from edge_nas.int8.interpreter import Int8Interpreter
from edge_nas.int8.reader import read_tflite
from edge_nas.verification import verify_model

SEEDS = 40
CALLS = 27


def test_random_layers_give_the_bytes_of_the_reference_over_calls() -> None:
    varied = 0
    for seed in range(SEEDS):
        graph = lstm_graph(seed)
        batches = probe_inputs(graph, seed, CALLS - 3)
        (expected,) = run_reference(graph.data, batches)
        (found,) = Int8Interpreter(read_tflite(graph.data, f"seed {seed}")).run_all(batches)
        np.testing.assert_array_equal(found, expected, err_msg=f"seed {seed}")
        varied += len(np.unique(expected)) > 10
    assert varied > SEEDS // 2


def test_it_keeps_hidden_codes_and_cells_and_a_reset_forgets_them(tmp_path: Path) -> None:
    graph = lstm_graph(1)
    batch = probe_inputs(graph, count=3)[0]
    twice = np.concatenate([batch, batch])
    network = Int8Interpreter(read_tflite(graph.data, "lstm"))
    assert (network.run(twice)[len(batch) :] != network.run(batch)).any()
    write_compiled(compile_tflite(graph.data), tmp_path)
    going_on = run_on_host(tmp_path, twice)
    assert (going_on == network.run(twice).reshape(len(twice), -1)).all()
    anew = run_on_host(tmp_path, twice, reset_every=len(batch))
    assert (anew[len(batch) :] == anew[: len(batch)]).all()


def test_verify_makes_a_sequence_of_a_hundred_calls() -> None:
    graph = lstm_graph(2)
    compiled = compile_tflite(graph.data)
    assert compiled.keeps_state
    report = verify_model(
        VerifySpec(inputs=1, slow_inputs=1, core_inputs=1, cores=()), graph.data, compiled, source="lstm"
    )
    assert {program.inputs for program in report.programs if program.skipped is None} == {100}


@pytest.mark.parametrize(
    ("seed", "function"),
    [(3, "edge_sequence_lstm_blocks_scaled_"), (4, "edge_sequence_lstm"), (5, "edge_sequence_lstm_blocks_narrowed_")],
)
def test_weights_and_scales_choose_the_kernel(seed: int, function: str) -> None:
    network = Int8Interpreter(read_tflite(lstm_graph(seed).data, "lstm"))
    (step,) = plan_network(network).plan.program.steps
    assert step.kernel.function.rstrip("0123456789") == function


@pytest.mark.mcu
@pytest.mark.parametrize("seed", [3, 4, 5])
@pytest.mark.parametrize("core", ["cortex-m4", "cortex-m55", "cortex-m0plus", "rv32imac"])
def test_cores_give_the_same_over_calls(core: str, seed: int) -> None:
    graph = lstm_graph(seed)
    spec = VerifySpec(inputs=1, slow_inputs=1, core_inputs=1, cores=(core,))
    report = verify_model(spec, graph.data, compile_tflite(graph.data), source="lstm")
    assert report.cores[core].inputs == 100


def test_both_matrices_of_every_moment_are_counted() -> None:
    graph = read_tflite(lstm_graph(5).data, "lstm")
    moments, inputs = graph.tensors[0].shape[1:]
    units = graph.tensors[1].shape[0]
    assert tflite_cost(graph, 0).macs == 4 * moments * units * (inputs + units)


def test_joint_gates_are_refused() -> None:
    graph = read_tflite(lstm_graph(0).data, "lstm")
    (operator,) = graph.operators
    joint = replace(operator, inputs=(operator.inputs[0], -1, *operator.inputs[2:]))
    with pytest.raises(ArtifactError, match="input and forget gate are one"):
        Int8Interpreter(replace(graph, operators=(joint,)))
