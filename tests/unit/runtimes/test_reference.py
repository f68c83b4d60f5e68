"""TFLite's reference kernels in a process of their own."""

import numpy as np
import pytest
from int8graphs.random_graphs import probe_inputs, random_graph
from int8graphs.single import Given, single

from edge_nas.errors import ArtifactError
from edge_nas.runtimes.childtensors import frames_of
from edge_nas.runtimes.reference import run_reference
from edge_nas.runtimes.referenceprocess import reference_outputs

CLASSES = 1000


def test_the_child_gives_what_the_kernels_give_here() -> None:
    graph = random_graph(3)
    inputs = probe_inputs(graph, 0, 5)
    expected = reference_outputs(graph.data, inputs)
    found = run_reference(graph.data, inputs)
    assert len(found) == len(expected)
    for output, values in zip(found, expected, strict=True):
        np.testing.assert_array_equal(output, values)
        assert output.dtype == values.dtype


def test_kernels_that_end_their_process_do_not_end_ours() -> None:
    graph = single("SOFTMAX", [Given((1, CLASSES), 0.3, 5)], Given((1, CLASSES), 1 / 256, -128), {"Beta": 1.0})
    alike = np.full((1, CLASSES), 3, np.int8)
    with pytest.raises(ArtifactError, match=r"wide\.tflite: LiteRT's reference kernels ended their process with SIG"):
        run_reference(graph.data, [alike], source="wide.tflite")


def test_what_litert_does_not_take_is_named() -> None:
    graph = random_graph(3)
    inputs = probe_inputs(graph, 0, 1)
    with pytest.raises(ArtifactError, match=r"net\.tflite: LiteRT cannot load it"):
        run_reference(graph.data[:40], inputs, source="net.tflite")
    with pytest.raises(ArtifactError, match=r"net\.tflite: 0 inputs are given, the file takes"):
        run_reference(graph.data, [], source="net.tflite")
    with pytest.raises(ArtifactError, match=r"net\.tflite: LiteRT cannot run it"):
        run_reference(graph.data, [values[:, :1, :1] for values in inputs], source="net.tflite")


def test_an_output_without_a_batch_is_one_tensor_for_each_frame() -> None:
    assert frames_of([np.zeros((1, 4, 5))] * 3).shape == (3, 4, 5)
    assert frames_of([np.zeros((4, 5))] * 3).shape == (3, 4, 5)
    assert frames_of([np.zeros(())] * 3).shape == (3,)
