import subprocess
from collections import Counter
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest
from int8graphs import KINDS, Writer, probe_inputs, random_graph, run_reference, run_tflite_micro
from int8graphs.mutations import mutated
from int8graphs.single import Given, single

from edge_nas.errors import ArtifactError
from edge_nas.int8.interpreter import Int8Interpreter
from edge_nas.int8.reader import read_tflite

GRAPHS = 200
MUTANTS = 600
# Where LiteRT's reference kernels and tflite-micro differ; see the test below.
DISAGREEING = ("FULLY_CONNECTED", "LOGISTIC", "RELU6")
# Of which tflite-micro has no int8 kernel, or one that fills another border (SPACE_TO_BATCH_ND).
WITHOUT_MICRO = (
    *("ABS", "BATCH_TO_SPACE_ND", "EXP", "GELU", "L2_NORMALIZATION", "LOG", "LOG_SOFTMAX", "MIRROR_PAD"),
    *("RSQRT", "SPACE_TO_BATCH_ND", "TILE"),
)


def interpreter(data: bytes) -> Int8Interpreter:
    return Int8Interpreter(read_tflite(data, "graph.tflite"))


def two_ends() -> tuple[bytes, list[int]]:
    """Two inputs, their sum and the rectified sum, both of them outputs."""
    writer = Writer()
    tensors = [writer.tensor((1, 3), 1.0, 0) for _ in range(4)]
    writer.operator("ADD", tensors[:2], tensors[2:3], {"FusedActivationFunction": 0})
    writer.operator("RELU", tensors[2:3], tensors[3:], {})
    return writer.finish(tensors[:2], tensors[2:]), tensors


def test_random_graphs_give_the_bytes_of_the_reference_kernels() -> None:
    seen: Counter[str] = Counter()
    several_inputs = several_outputs = varied = 0
    for seed in range(GRAPHS):
        graph = random_graph(seed)
        batches = probe_inputs(graph, seed)
        expected = run_reference(graph.data, batches)
        found = interpreter(graph.data).run_all(batches)
        assert len(found) == len(expected)
        for ours, theirs in zip(found, expected, strict=True):
            np.testing.assert_array_equal(ours, theirs, err_msg=f"seed {seed}: {graph.kinds}")
        seen.update(graph.kinds)
        several_inputs += len(batches) > 1
        several_outputs += len(expected) > 1
        varied += len(np.unique(expected[0])) > 10
    assert set(seen) == set(KINDS)
    assert min(seen.values()) >= 8
    assert min(several_inputs, several_outputs) > GRAPHS // 20
    assert varied > GRAPHS * 2 // 5  # otherwise equal bytes would say little


def test_a_flipped_weight_is_noticed() -> None:
    kernel = np.ones((4, 1, 1, 3), np.int8)
    options = {"Padding": 0, "StrideH": 1, "StrideW": 1, "DilationHFactor": 1, "DilationWFactor": 1}
    found = []
    for weight in (1, 3):
        kernel[2, 0, 0, 1] = weight
        sources = [Given((1, 3, 3, 3)), Given(kernel.shape, 0.5, 0, "int8", 0, kernel)]
        graph = single("CONV_2D", sources, Given((1, 3, 3, 4), 0.2), {**options, "FusedActivationFunction": 0})
        found.append(interpreter(graph.data).run_all(probe_inputs(graph))[0])
    assert (found[0] != found[1]).any(axis=(0, 1, 2)).tolist() == [False, False, True, False]


def test_several_inputs_and_outputs() -> None:
    data, tensors = two_ends()
    network = interpreter(data)
    first, second = np.array([[1, -2, 3]], np.int8), np.array([[10, -20, -5]], np.int8)
    total, rectified = network.run_all([first, second])
    np.testing.assert_array_equal(total, [[11, -22, -2]])
    np.testing.assert_array_equal(rectified, [[11, 0, 0]])
    with pytest.raises(ArtifactError, match="2 outputs"):
        network.run(first)
    every = network.tensors([first, second])
    assert sorted(every) == tensors
    np.testing.assert_array_equal(every[tensors[0]], first)
    np.testing.assert_array_equal(every[tensors[2]], total)


def test_samples_do_not_depend_on_their_neighbours() -> None:
    graph = random_graph(3, single=True)
    network = interpreter(graph.data)
    batch = np.random.default_rng(0).integers(-128, 128, (40, *graph.input_shapes[0][1:]), np.int8)
    together = network.run(batch)
    assert together.shape == (40, *graph.output_shapes[0][1:])
    for i in (0, 15, 16, 39):
        np.testing.assert_array_equal(together[i : i + 1], network.run(batch[i : i + 1]))
    assert network.run(batch[:0]).shape == (0, *graph.output_shapes[0][1:])


def test_batches_that_do_not_fit_are_refused() -> None:
    data, _ = two_ends()
    network = interpreter(data)
    fine = np.zeros((2, 3), np.int8)
    for batches in ([fine], [fine, fine, fine], [fine, fine[:1]], [fine, fine[:, :2]], [fine, fine.astype(np.int16)]):
        with pytest.raises(ArtifactError, match=r"graph\.tflite: "):
            network.run_all(batches)


def test_networks_whose_ends_are_not_computed_int8_are_refused() -> None:
    writer = Writer()
    source = writer.tensor((1, 3), 0.1, 0)
    real = writer.tensor((1, 3), dtype="float32")
    writer.operator("DEQUANTIZE", [source], [real])
    writer.operator("RELU", [real], [writer.tensor((1, 3), dtype="float32")], {})
    with pytest.raises(ArtifactError, match="DEQUANTIZE"):
        interpreter(writer.finish([source], [2]))
    writer = Writer()
    two = writer.tensor((2, 3), 0.1, 0)
    with pytest.raises(ArtifactError, match=r"network input 't0' is int8 of shape \(2, 3\)"):
        interpreter(writer.finish([two], [two]))
    writer = Writer()
    source, constant = writer.tensor((1, 3), 0.1, 0), writer.tensor((1, 3), 0.1, 0, data=np.ones((1, 3), np.int8))
    with pytest.raises(ArtifactError, match="network output 't1' is a constant"):
        interpreter(writer.finish([source], [constant]))


def test_operators_out_of_order_are_refused() -> None:
    writer = Writer()
    tensors = [writer.tensor((1, 3), 0.1, 0) for _ in range(3)]
    writer.operator("RELU", tensors[1:2], tensors[2:], {})
    writer.operator("RELU", tensors[:1], tensors[1:2], {})
    with pytest.raises(ArtifactError, match=r"operator 0 \(RELU\) reads tensor 1 't1' before it exists"):
        interpreter(writer.finish(tensors[:1], tensors[2:]))
    writer.operators.clear()
    with pytest.raises(ArtifactError, match="network output 2 is written by no operator"):
        interpreter(writer.finish(tensors[:1], tensors[2:]))


def test_broken_graphs_run_or_are_refused_never_worse() -> None:
    generator = np.random.default_rng(1)
    outcomes: Counter[str] = Counter()
    for number in range(MUTANTS):
        if number % 10 == 0:
            graph = read_tflite(random_graph(number).data, "mutant.tflite")
        mutant = mutated(graph, generator)
        try:
            network = Int8Interpreter(mutant)
            network.run_all([np.zeros((1, *mutant.tensors[i].shape[1:]), np.int8) for i in mutant.inputs])
            outcomes["run"] += 1
        except ArtifactError as error:
            assert "mutant.tflite" in str(error)  # noqa: PT017 - both outcomes are allowed
            outcomes["refused"] += 1
    assert min(outcomes["run"], outcomes["refused"]) > MUTANTS // 20


def micro_or_skip(cases: list[tuple[bytes, list[np.ndarray], int]]) -> list[list[np.ndarray]]:
    if find_spec("tflite_micro") is None:
        pytest.skip("tflite-micro is not installed")
    try:
        return run_tflite_micro(cases, arena_bytes=1 << 22)
    except subprocess.CalledProcessError as error:
        pytest.fail(f"tflite-micro failed with exit code {error.returncode}: {error.stderr[-2000:]}")


def test_tflite_micro_gives_the_same_bytes() -> None:
    kinds = [kind for kind in KINDS if kind not in (*DISAGREEING, *WITHOUT_MICRO)]
    graphs = [random_graph(seed, kinds, single=True) for seed in range(120)]
    assert {kind for graph in graphs for kind in graph.kinds} == set(kinds)
    batches = [probe_inputs(graph, seed) for seed, graph in enumerate(graphs)]
    micro = micro_or_skip([(graph.data, given, 1) for graph, given in zip(graphs, batches, strict=True)])
    for seed, (graph, given, theirs) in enumerate(zip(graphs, batches, micro, strict=True)):
        ours = interpreter(graph.data).run(given[0])
        np.testing.assert_array_equal(ours, theirs[0].reshape(ours.shape), err_msg=f"seed {seed}: {graph.kinds}")


@pytest.mark.parametrize("kind", ["FULLY_CONNECTED", "LOGISTIC"])
def test_tflite_micro_rounds_two_operators_in_another_way(kind: str) -> None:
    """It rounds dense layers twice, as convolutions, and computes the logistic function in fixed point."""
    graphs = [random_graph(seed, [kind], single=True) for seed in range(60)]
    cases = [(graph.data, probe_inputs(graph), 1) for graph in graphs if set(graph.kinds) == {kind}]
    ours = [interpreter(data).run(given[0]).astype(int) for data, given, _ in cases]
    theirs = micro_or_skip(cases)
    first = [np.abs(a - b[0].reshape(a.shape)) for a, b in zip(ours, theirs, strict=True)]
    differences = np.concatenate([difference.ravel() for difference in first])
    assert differences.max() == 1
    assert (differences > 0).mean() < 0.01


def test_tflite_micro_takes_relu6_for_a_clip_without_rescaling() -> None:
    shape, options = (1, 256), {}
    graphs = [single("RELU6", [Given(shape, s, z)], Given(shape, s, z), options) for s, z in ((0.05, -128), (0.03, 4))]
    cases = [(graph.data, probe_inputs(graph), 1) for graph in graphs]
    for (data, given, _), theirs in zip(cases, micro_or_skip(cases), strict=True):
        np.testing.assert_array_equal(interpreter(data).run(given[0]), theirs[0])


@pytest.mark.real_data
@pytest.mark.parametrize(
    ("name", "count"),
    [
        ("mlperf_tiny/pretrainedResnet_quant", 4),
        ("mlperf_tiny/kws_ref_model", 8),
        ("mlperf_tiny/vww_96_int8", 3),
        ("mlperf_tiny/ad01_int8", 100),
        ("nano_u/nano_u_TinyAgri", 12),
        ("nano_u/nano_u_BotanicGarden", 12),
    ],
)
def test_published_networks_give_the_bytes_of_the_reference_kernels(test_data: Path, name: str, count: int) -> None:
    check_published(test_data, name, count)


@pytest.mark.real_data
def test_tflite_micro_gives_the_same_bytes_for_published_networks(test_data: Path) -> None:
    """But for ad01, ten dense layers whose differences of one add up: see above."""
    names = [f"mlperf_tiny/{name}" for name in ("pretrainedResnet_quant", "kws_ref_model", "vww_96_int8")]
    for name in (*names, "nano_u/nano_u_TinyAgri", "nano_u/nano_u_BotanicGarden"):
        data, network, batch = published(test_data, name, 4)
        theirs = micro_or_skip([(data, [batch], 1)])[0][0]
        ours = network.run(batch)
        np.testing.assert_array_equal(ours, theirs.reshape(ours.shape), err_msg=name)


@pytest.mark.slow
@pytest.mark.endurance
@pytest.mark.real_data
@pytest.mark.parametrize("name", ["nano_u/nano_u_TinyAgri", "nano_u/nano_u_BotanicGarden"])
def test_a_thousand_inputs_of_nano_u(test_data: Path, name: str) -> None:
    check_published(test_data, name, 1000)


def check_published(test_data: Path, name: str, count: int) -> None:
    data, network, batch = published(test_data, name, count)
    np.testing.assert_array_equal(network.run(batch), run_reference(data, [batch])[0])


def published(test_data: Path, name: str, count: int) -> tuple[bytes, Int8Interpreter, np.ndarray]:
    """A file, its interpreter and inputs: the extremes, then slow changes as in images, then noise."""
    data = (test_data / "models" / f"{name}.tflite").read_bytes()
    network = interpreter(data)
    shape = network.graph.tensors[network.graph.inputs[0]].shape
    batch = np.random.default_rng(0).integers(-128, 128, (count, *shape[1:]), np.int8)
    batch[0], batch[1] = -128, 127
    ramp = np.linspace(-128, 127, batch[0].size).reshape(shape[1:])
    for sample in range(2, count // 2):
        batch[sample] = (ramp + sample).astype(np.int16).astype(np.int8)
    return data, network, batch
