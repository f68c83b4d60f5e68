"""The assembly of the fast kernels on emulated cores, byte for byte; test_codegen_many_networks has random networks."""

from itertools import product

import numpy as np
import pytest
from codegraphs import Case, dense_network, enlarging_network, run_merged_on_core, window_network
from int8graphs import probe_inputs, random_graph, run_reference
from int8graphs.single import Given, single

from edge_nas.codegen import compile as compile_module
from edge_nas.codegen import compile_tflite, write_compiled
from edge_nas.emulation import find_core, run_on_core


@pytest.mark.mcu
@pytest.mark.parametrize("core", ["cortex-m4", "cortex-m55"])
@pytest.mark.parametrize("channels", [3, 66])
@pytest.mark.parametrize("width", [2, 4, 6, 14])
def test_an_enlarged_image_on_a_core(core, channels, width, tmp_path, monkeypatch):
    """Widths of one pair of pixels, of odd and even numbers of pairs; channels near and far apart in memory."""
    monkeypatch.setattr(compile_module, "interpreter_arena_bytes", lambda graph: 1 << 30)
    for linear, optimize in product((False, True), ("speed", "size")):
        compiled = _check(enlarging_network(width, channels, linear=linear), core, optimize, tmp_path)
        functions = " ".join(step.function for step in compiled.steps)
        assert "depthwise3_up2_pairs" in functions
        assert ("flat_linear" if linear else "flat_relu") in functions


@pytest.mark.mcu
@pytest.mark.parametrize("core", ["cortex-m4", "cortex-m55"])
@pytest.mark.parametrize("channels", [514, 602])
def test_many_channels_on_a_core(core, channels, tmp_path, monkeypatch):
    """Odd numbers of pairs above 255, whose distances few instructions hold as a constant."""
    monkeypatch.setattr(compile_module, "interpreter_arena_bytes", lambda graph: 1 << 30)
    for linear in (False, True):
        compiled = _check(enlarging_network(2, channels, linear=linear), core, "speed", tmp_path)
        assert f"edge_pointwise_{channels // 2}_" in " ".join(step.function for step in compiled.steps)


@pytest.mark.mcu
@pytest.mark.parametrize("core", ["cortex-m0plus", "cortex-m3", "cortex-m4", "cortex-m55", "rv32imac"])
@pytest.mark.parametrize("seed", range(6))
def test_dense_networks_on_a_core(core, seed, tmp_path):
    compiled = _check(dense_network(seed), core, "speed", tmp_path)
    assert any("blocks" in step.function for step in compiled.steps)


@pytest.mark.mcu
@pytest.mark.parametrize("core", ["cortex-m0plus", "cortex-m3", "cortex-m4", "cortex-m55", "rv32imac"])
@pytest.mark.parametrize("kind", ["DEPTHWISE_CONV_2D", "CONV_2D"])
def test_windows_on_a_core(core, kind, tmp_path, monkeypatch):
    monkeypatch.setattr(compile_module, "interpreter_arena_bytes", lambda graph: 1 << 30)
    for seed in range(8):
        _check(window_network(seed, kind), core, "speed", tmp_path)


@pytest.mark.mcu
@pytest.mark.parametrize("core", ["cortex-m0plus", "cortex-m4", "cortex-m55", "rv32imac"])
@pytest.mark.parametrize("kind", ["DEPTHWISE_CONV_2D", "CONV_2D"])
def test_windows_without_memory_on_a_core(core, kind, tmp_path, monkeypatch):
    monkeypatch.setattr(compile_module, "interpreter_arena_bytes", lambda graph: 0)
    for seed in range(20, 28):
        _check(window_network(seed, kind), core, "speed", tmp_path)


@pytest.mark.mcu
@pytest.mark.parametrize("core", ["cortex-m0plus", "cortex-m4", "rv32imac"])
def test_softmax_on_a_core(core, tmp_path):
    """Classes that fill words and that do not, some alike, one far above the others, of every scale, in one program."""
    draw = np.random.default_rng(0)
    cases, expected = [], []
    for classes, scale in product((1, 2, 4, 5, 7, 11, 500), (1e-6, 0.02, 0.1, 0.9)):
        for output in (Given((1, classes), 1 / 256, -128), Given((1, classes), 1 / 65536, -(2**15), "int16")):
            graph = single("SOFTMAX", [Given((1, classes), scale, 5)], output, {"Beta": 1.5})
            codes = draw.integers(-128, 128, (4, classes), dtype=np.int8)
            codes[2:] = [[17], [-128]]
            codes[3, classes // 2] = 127
            cases.append(Case(compile_tflite(graph.data), codes))
            expected.append(run_reference(graph.data, [codes])[0].view(np.int8).reshape(len(codes), -1))
    for found, right in zip(run_merged_on_core(find_core(core), cases, tmp_path, small=False), expected, strict=True):
        np.testing.assert_array_equal(found, right)


@pytest.mark.mcu
@pytest.mark.parametrize("core", ["cortex-m4", "cortex-m55", "rv32imac"])
def test_sums_and_products_on_a_core(core, tmp_path):
    for seed in range(10):
        _check(random_graph(seed, ("ADD", "SUB", "MUL"), single=True), core, "speed", tmp_path)


def _check(graph, core, optimize, folder):
    """Compares every output byte on a core with the reference kernels, and returns what ran there."""
    inputs = probe_inputs(graph)[0]
    compiled = compile_tflite(graph.data, optimize=optimize)
    write_compiled(compiled, folder)
    run = run_on_core(find_core(core), folder, inputs)
    expected = run_reference(graph.data, [inputs])[0].reshape(len(inputs), -1)
    np.testing.assert_array_equal(run.outputs.reshape(len(inputs), -1), expected)
    return compiled
