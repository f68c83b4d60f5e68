"""Every operator on its own, byte for byte, in one program under the sanitizers."""

import numpy as np
import pytest
from codegraphs import Case, run_merged
from int8graphs import KINDS, probe_inputs, random_graph

from edge_nas.codegen import compile_tflite
from edge_nas.int8.interpreter import Int8Interpreter
from edge_nas.int8.reader import read_tflite

SEEDS = range(2)


@pytest.fixture(scope="module")
def found(tmp_path_factory):
    """Per kind and seed: generated and expected outputs."""
    graphs = {(kind, seed): random_graph(seed, (kind,), single=True) for kind in KINDS for seed in SEEDS}
    inputs = {key: probe_inputs(graph)[0] for key, graph in graphs.items()}
    cases = [Case(compile_tflite(graphs[key].data), inputs[key].reshape(len(inputs[key]), -1)) for key in graphs]
    outputs = run_merged(cases, tmp_path_factory.mktemp("operators"))
    expected = [
        Int8Interpreter(read_tflite(graphs[key].data, str(key))).run(inputs[key]).reshape(len(inputs[key]), -1)
        for key in graphs
    ]
    return dict(zip(graphs, zip(graphs.values(), outputs, expected, strict=True), strict=True))


@pytest.mark.parametrize("kind", KINDS)
def test_an_operator_computes_the_bytes_of_the_reference(kind, found):
    assert any(kind in found[kind, seed][0].kinds for seed in SEEDS)
    for seed in SEEDS:
        _, output, expected = found[kind, seed]
        np.testing.assert_array_equal(output, expected)
