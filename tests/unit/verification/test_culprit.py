"""The operator that differs first is found, in the interpreter and in C, over calls as well."""

import numpy as np
import pytest
from int8graphs import random_graph
from int8graphs.random_graphs import probe_inputs
from int8graphs.recurrent import svdf_graph
from int8graphs.writer import Writer

from edge_nas.codegen import compile_tflite, sources
from edge_nas.core.config import VerifySpec
from edge_nas.emulation.frames import packed
from edge_nas.errors import EdgeNasError, GateError
from edge_nas.int8.interpreter import Int8Interpreter
from edge_nas.int8.operators.lookup import LookupTable
from edge_nas.int8.reader import read_tflite
from edge_nas.verification import verify_model
from edge_nas.verification.culprit import first_difference, with_output
from edge_nas.verification.selfcheck import check_on_host

SPEC = VerifySpec(inputs=5, slow_inputs=5, core_inputs=1, cores=())


def chain() -> bytes:
    """Returns RELU -> MAX_POOL_2D -> TANH -> ABS."""
    writer = Writer()
    tensors = [writer.tensor((1, 4, 4, 2), 0.05, 3), writer.tensor((1, 4, 4, 2), 0.04, -7)]
    tensors += [writer.tensor((1, 2, 2, 2), 0.04, -7), writer.tensor((1, 2, 2, 2), 1 / 128, 0)]
    tensors.append(writer.tensor((1, 2, 2, 2), 1 / 128, 0))
    writer.operator("RELU", tensors[:1], tensors[1:2], {})
    pool = {"Padding": 1, "StrideH": 2, "StrideW": 2, "FilterHeight": 2, "FilterWidth": 2, "FusedActivationFunction": 0}
    writer.operator("MAX_POOL_2D", tensors[1:2], tensors[2:3], pool)
    writer.operator("TANH", tensors[2:3], tensors[3:4])
    writer.operator("ABS", tensors[3:4], tensors[4:], {})
    return writer.finish(tensors[:1], tensors[4:])


def test_a_file_is_cut_behind_any_operator() -> None:
    data = chain()
    assert read_tflite(with_output(data, 2), "cut").outputs == (2,)
    assert read_tflite(data, "whole").outputs == (4,)


def test_a_wrong_operator_of_the_interpreter_is_named_with_what_it_reads(monkeypatch: pytest.MonkeyPatch) -> None:
    right = LookupTable.run

    def wrong(self: LookupTable, codes: np.ndarray) -> np.ndarray:
        return right(self, codes) ^ np.int8(self.kind == "TANH")

    data = chain()
    compiled = compile_tflite(data)
    monkeypatch.setattr(LookupTable, "run", wrong)
    with pytest.raises(GateError, match=r"first in operator 2 \(TANH\), tensor 3 't3' of shape \(1, 2, 2, 2\), byte 0"):
        verify_model(SPEC, data, compiled, source="chain")


def test_a_wrong_kernel_of_the_c_is_named_by_verify_and_by_compile(monkeypatch: pytest.MonkeyPatch) -> None:
    right = sources._text
    data = chain()

    def wrong(name: str) -> str:
        return right(name).replace("most = edge_max(most,", "most = edge_min(127,") if "pool" in name else right(name)

    monkeypatch.setattr(sources, "_text", wrong)
    compiled = compile_tflite(data)
    with pytest.raises(GateError, match=r"generated C .*first in operator 1 \(MAX_POOL_2D\).* it reads tensor 1"):
        verify_model(SPEC, data, compiled, source="chain")
    with pytest.raises(EdgeNasError, match=r"none was written.*first in operator 1 \(MAX_POOL_2D\)"):
        check_on_host(data, compiled, "chain")


def test_a_state_is_driven_over_the_calls_before() -> None:
    graph = svdf_graph(3, "int16")
    (batch,) = probe_inputs(graph, 3, 4)

    def forgetful(data: bytes, inputs: list[np.ndarray]) -> np.ndarray:
        network = Int8Interpreter(read_tflite(data, "svdf"))
        return packed(
            [np.concatenate([network.run(values[i : i + 1]) for i in range(len(values))]) for values in inputs]
        )

    assert "first in operator 0 (SVDF)" in first_difference(graph.data, "svdf", [batch], forgetful)


def test_a_whole_that_alone_differs_is_said() -> None:
    graph = random_graph(3, ("RELU", "TANH"), single=True)
    inputs = probe_inputs(graph)

    def right(data: bytes, given: list[np.ndarray]) -> np.ndarray:
        return packed(Int8Interpreter(read_tflite(data, "right")).run_all(given))

    assert "only the whole does" in first_difference(graph.data, "right", inputs, right)
