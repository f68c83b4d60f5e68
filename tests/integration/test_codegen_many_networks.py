"""Random networks on every emulated core, byte for byte: a few here, 500 for speed and 500 for size by `make fuzz-mcu`.

Of every five, two are images with skips, pools and resizes, one of convolutions and one of depthwise convolutions with
any window, and one of dense layers or of any operators; every fourth batch has to do with the interpreter's memory.
"""

import os

import numpy as np
import pytest
from codegraphs import Case, dense_network, image_network, run_merged_on_core, window_network
from int8graphs import probe_inputs, random_graph, run_reference

from edge_nas.codegen import compile as compile_module
from edge_nas.codegen import compile_tflite
from edge_nas.emulation import find_core

NETWORKS = int(os.environ.get("EDGE_NAS_NETWORKS", "40"))
BATCH = 20  # so many fit the code memory of the smallest machine
DRAWN = (
    image_network,
    lambda seed: window_network(seed, "CONV_2D"),
    lambda seed: window_network(seed, "DEPTHWISE_CONV_2D"),
    image_network,
    lambda seed: dense_network(seed) if seed % 2 else random_graph(seed, single=True),
)
CORES = ("cortex-m0plus", "cortex-m3", "cortex-m4", "cortex-m7", "cortex-m33", "cortex-m55", "rv32imac", "lx106")


# These two run the very C of a Cortex-M4: they are taken by `make fuzz-mcu`.
USUAL = CORES if NETWORKS > 40 else tuple(core for core in CORES if core not in ("cortex-m7", "cortex-m33"))


@pytest.mark.mcu
@pytest.mark.parametrize("optimize", ["speed", "size"])
@pytest.mark.parametrize("batch", range(-(-NETWORKS // BATCH)))
def test_random_networks(batch, optimize, tmp_path, monkeypatch):
    """One batch on all cores: LiteRT's reference runs once, and the C is made once."""
    if batch % 4 != 3:
        monkeypatch.setattr(compile_module, "interpreter_arena_bytes", lambda graph: 1 << 30)
    graphs = [DRAWN[seed % len(DRAWN)](1000 + seed) for seed in range(batch * BATCH, (batch + 1) * BATCH)]
    inputs = [probe_inputs(graph)[0] for graph in graphs]
    cases = [
        Case(compile_tflite(graph.data, optimize=optimize), each.reshape(len(each), -1))
        for graph, each in zip(graphs, inputs, strict=True)
    ]
    expected = [
        run_reference(graph.data, [each])[0].reshape(len(each), -1) for graph, each in zip(graphs, inputs, strict=True)
    ]
    for core in os.environ.get("EDGE_NAS_CORES", " ".join(USUAL)).split():
        outputs = run_merged_on_core(find_core(core), cases, tmp_path, small=optimize == "size")
        for seed, (graph, codes, right) in enumerate(zip(graphs, outputs, expected, strict=True)):
            np.testing.assert_array_equal(codes, right, err_msg=f"{core}, graph {seed} of {batch}: {graph.kinds}")
