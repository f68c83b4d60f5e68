"""The assembly of the fast kernels: random image networks on emulated cores, byte for byte."""

import numpy as np
import pytest
from codegraphs import image_network
from int8graphs import probe_inputs, run_reference

from edge_nas.codegen import compile as compile_module
from edge_nas.codegen import compile_tflite, write_compiled
from edge_nas.emulation import find_core, run_on_core


@pytest.mark.mcu
@pytest.mark.parametrize(
    ("core", "optimize"),
    [("cortex-m4", "speed"), ("cortex-m4", "size"), ("cortex-m55", "speed"), ("rv32imac", "speed")],
)
@pytest.mark.parametrize("seed", [3, 7, 9, 12, 17, 21, 26, 33])
def test_random_networks_on_a_core(core, optimize, seed, tmp_path, monkeypatch):
    monkeypatch.setattr(compile_module, "interpreter_arena_bytes", lambda graph: 1 << 30)
    graph = image_network(seed)
    inputs = probe_inputs(graph)[0]
    write_compiled(compile_tflite(graph.data, optimize=optimize), tmp_path)
    run = run_on_core(find_core(core), tmp_path, inputs)
    expected = run_reference(graph.data, [inputs])[0].reshape(len(inputs), -1)
    np.testing.assert_array_equal(run.outputs.reshape(len(inputs), -1), expected)
