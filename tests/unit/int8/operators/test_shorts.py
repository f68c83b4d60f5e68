"""Operators on int16 codes: LiteRT's bytes in the interpreter, and the interpreter's in C."""

from pathlib import Path

import numpy as np
import pytest
from codegraphs import Case, run_merged
from int8graphs.ends import SHAPE
from int8graphs.reference import run_reference
from int8graphs.shorts import MOVED_KINDS, SHORT_KINDS, short_graph, short_inputs
from int8graphs.writer import Writer

from edge_nas.codegen import compile_tflite
from edge_nas.core.config import VerifySpec
from edge_nas.emulation.frames import packed
from edge_nas.errors import ArtifactError
from edge_nas.int8.interpreter import Int8Interpreter
from edge_nas.int8.kinds import SHORT_OPERATORS
from edge_nas.int8.reader import read_tflite
from edge_nas.verification import verify_model

SEEDS = 10
EVERY_CODE = np.arange(-32768, 32768).astype(np.int16).reshape(1, 4096, 16)


def run(data: bytes, batches: list[np.ndarray]) -> np.ndarray:
    return Int8Interpreter(read_tflite(data, "shorts")).run_all(batches)[0]


def test_each_kind_is_drawn() -> None:
    assert set(SHORT_KINDS) == {*SHORT_OPERATORS, *MOVED_KINDS}


@pytest.mark.parametrize("kind", SHORT_KINDS)
def test_random_layers_give_the_reference_bytes(kind: str) -> None:
    spread = 0
    for seed in range(SEEDS):
        graph = short_graph(seed, [kind])
        batches = short_inputs(graph, seed)
        (expected,) = run_reference(graph.data, batches)
        np.testing.assert_array_equal(run(graph.data, batches), expected, err_msg=f"seed {seed}")
        spread += len(np.unique(expected)) > 10
    assert spread > SEEDS // 2


def test_random_graphs_give_the_reference_bytes_in_numpy_and_in_c(tmp_path: Path) -> None:
    cases, right = [], []
    for seed in range(4 * len(SHORT_KINDS)):
        graph = short_graph(seed)
        batches = short_inputs(graph, seed)
        expected = run_reference(graph.data, batches)
        np.testing.assert_array_equal(run(graph.data, batches), expected[0], err_msg=f"seed {seed}: {graph.kinds}")
        cases.append(Case(compile_tflite(graph.data), packed(batches)))
        right.append((graph.kinds, packed(expected)))
    for (kinds, expected_bytes), found in zip(right, run_merged(cases, tmp_path), strict=True):
        np.testing.assert_array_equal(found, expected_bytes, err_msg=str(kinds))


@pytest.mark.parametrize("kind", ["LOGISTIC", "TANH"])
@pytest.mark.parametrize("scale", [1e-5, 2.5e-4, 1e-3])
def test_functions_of_every_code_are_the_reference_s(kind: str, scale: float) -> None:
    writer = Writer()
    source = writer.tensor(EVERY_CODE.shape, scale, 0, dtype="int16")
    output = writer.tensor(EVERY_CODE.shape, 2.0**-15, 0, dtype="int16")
    writer.operator(kind, [source], [output])
    data = writer.finish([source], [output])
    np.testing.assert_array_equal(run(data, [EVERY_CODE]), run_reference(data, [EVERY_CODE])[0])


def test_reals_at_the_ends_are_the_reference_s(tmp_path: Path) -> None:
    writer = Writer()
    reals, codes, sums, given = (
        writer.tensor(SHAPE, *each[:2], dtype=each[2])
        for each in (((), (), "float32"), (3e-4, 0, "int16"), (5e-4, 0, "int16"), ((), (), "float32"))
    )
    writer.operator("QUANTIZE", [reals], [codes], {})
    writer.operator("ADD", [codes, codes], [sums], {"FusedActivationFunction": 0, "PotScaleInt16": 0})
    writer.operator("DEQUANTIZE", [sums], [given], {})
    data = writer.finish([reals], [given])
    frames = np.random.default_rng(0).integers(-70000, 70000, (40, *SHAPE[1:])) / 2 * np.float32(3e-4)
    batch = frames.astype(np.float32)
    (expected,) = run_reference(data, [batch])
    assert run(data, [batch]).tobytes() == expected.tobytes()
    (found,) = run_merged([Case(compile_tflite(data), batch.reshape(40, -1))], tmp_path)
    assert found.tobytes() == expected.tobytes()


def test_a_zero_point_is_refused() -> None:
    writer = Writer()
    tensors = [writer.tensor((1, 3), 0.1, zero_point, dtype="int16") for zero_point in (5, 0)]
    writer.operator("TANH", tensors[:1], tensors[1:])
    with pytest.raises(ArtifactError, match="its zero point is 5; of int16, 0 is supported"):
        run(writer.finish(tensors[:1], tensors[1:]), [])


@pytest.mark.mcu
def test_cores_give_the_same() -> None:
    kinds = ["CONV_2D", "DEPTHWISE_CONV_2D", "ADD", "TANH", "MAX_POOL_2D", "MEAN", "FULLY_CONNECTED", "SOFTMAX"]
    graph = short_graph(2, kinds)
    cores = ("cortex-m4", "cortex-m0plus", "rv32imac")
    spec = VerifySpec(inputs=5, slow_inputs=5, core_inputs=5, cores=cores)
    report = verify_model(spec, graph.data, compile_tflite(graph.data), source="shorts")
    assert all(report.cores[core].bytes_equal for core in cores)
