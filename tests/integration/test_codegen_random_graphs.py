"""Random networks: generated C gives the bytes of LiteRT's reference kernels, under the sanitizers."""

import numpy as np
import pytest
from codegraphs import Case, dense_network, image_network, run_merged, window_network
from int8graphs import probe_inputs, random_graph, run_reference

from edge_nas.codegen import compile as compile_module
from edge_nas.codegen import compile_tflite
from edge_nas.emulation.frames import packed


def compare(graphs, folder, optimize="speed") -> None:
    """Compiles all graphs into one program and compares every output byte."""
    inputs = [probe_inputs(graph) for graph in graphs]
    cases = [
        Case(compile_tflite(graph.data, optimize=optimize), packed(batches))
        for graph, batches in zip(graphs, inputs, strict=True)
    ]
    outputs = run_merged(cases, folder)
    for seed, (graph, batches, output) in enumerate(zip(graphs, inputs, outputs, strict=True)):
        expected = packed(run_reference(graph.data, batches))
        np.testing.assert_array_equal(output, expected, err_msg=f"graph {seed}: {graph.kinds}")


def counts(usual: int, many: int) -> list[object]:
    """Returns the numbers of networks of a usual run of the tests and of `make endurance`."""
    return [usual, pytest.param(many, marks=pytest.mark.endurance)]


@pytest.mark.slow
@pytest.mark.parametrize("count", counts(100, 400))
def test_any_operators_of_one_end_or_several(count, tmp_path):
    compare([random_graph(seed) for seed in range(count)], tmp_path)


@pytest.mark.slow
@pytest.mark.parametrize("count", counts(10, 50))
@pytest.mark.parametrize("optimize", ["speed", "size"])
def test_images_with_fast_kernels_whatever_memory_they_take(optimize, count, tmp_path, monkeypatch):
    monkeypatch.setattr(compile_module, "interpreter_arena_bytes", lambda graph: 1 << 30)
    compare([image_network(seed) for seed in range(count)], tmp_path, optimize)


@pytest.mark.slow
def test_fully_connected_layers(tmp_path):
    compare([dense_network(seed) for seed in range(40)], tmp_path)


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["DEPTHWISE_CONV_2D", "CONV_2D"])
@pytest.mark.parametrize("limit", [0, 1 << 30])
@pytest.mark.parametrize("count", counts(20, 60))
def test_windows(kind, limit, count, tmp_path, monkeypatch):
    monkeypatch.setattr(compile_module, "interpreter_arena_bytes", lambda graph: limit)
    compare([window_network(seed, kind) for seed in range(count)], tmp_path)


@pytest.mark.slow
@pytest.mark.parametrize("count", counts(10, 30))
def test_images_within_the_interpreter_s_memory(count, tmp_path):
    compare([image_network(seed) for seed in range(50, 50 + count)], tmp_path)
