from collections import Counter
from pathlib import Path

import flatbuffers
import numpy as np
import pytest
import tflite
from int8graphs.single import Given, single
from int8graphs.writer import Writer

from edge_nas.errors import ArtifactError
from edge_nas.int8.cost import tflite_cost
from edge_nas.int8.graph import float_tensors
from edge_nas.int8.reader import read_tflite

MUTANTS = 300


def read(path: Path):
    return read_tflite(path.read_bytes(), str(path))


def test_the_tiny_file_holds_what_was_converted(tiny_models) -> None:
    graph = read(tiny_models.int8_tflite)
    assert [operator.kind for operator in graph.operators] == [
        "CONV_2D",
        "DEPTHWISE_CONV_2D",
        "RESIZE_NEAREST_NEIGHBOR",
        "CONV_2D",
    ]
    assert [graph.tensors[i].shape for i in graph.inputs] == [(1, 8, 8, 3)]
    assert [graph.tensors[i].shape for i in graph.outputs] == [(1, 8, 8, 1)]
    assert all(tensor.index == i for i, tensor in enumerate(graph.tensors))
    stem = graph.operators[0]
    assert stem.options["StrideH"] == stem.options["StrideW"] == 2
    assert stem.options["FusedActivationFunction"] == 1  # RELU in the schema


def test_weights_are_constants_with_one_scale_per_channel(tiny_models) -> None:
    graph = read(tiny_models.int8_tflite)
    weights = graph.tensors[graph.operators[0].inputs[1]]
    assert (weights.shape, weights.dtype, len(weights.scales), weights.quantized_dimension) == (
        (4, 3, 3, 3),
        "int8",
        4,
        0,
    )
    assert weights.data is not None
    kernel = tiny_models.keras.get_layer("stem").kernel.numpy().transpose(3, 0, 1, 2)
    scales = np.array(weights.scales).reshape(4, 1, 1, 1)
    np.testing.assert_allclose(weights.data * scales, kernel, atol=scales.max() / 2 + 1e-6)
    with pytest.raises(ValueError, match="read-only"):
        weights.data[:] = 0


def test_activations_are_no_constants(tiny_models) -> None:
    graph = read(tiny_models.int8_tflite)
    assert all(graph.tensors[i].data is None for i in (*graph.inputs, *graph.outputs))


def test_float_tensors_are_named_in_a_float_file_and_absent_in_an_int8_one(tiny_models) -> None:
    assert float_tensors(read(tiny_models.int8_tflite)) == ()
    names = float_tensors(read(tiny_models.float_tflite))
    assert len(names) >= 9  # four weights, four biases or more, and every activation
    assert any("stem" in name for name in names)


@pytest.mark.parametrize("data", [b"", b"TFL3", b"\x1c\x00\x00\x00TFL3" + bytes(100), b"PK\x03\x04 not a model"])
def test_bytes_that_are_no_model_are_refused_by_name(data: bytes) -> None:
    with pytest.raises(ArtifactError, match=r"^broken\.tflite: "):
        read_tflite(data, "broken.tflite")


def test_a_file_cut_anywhere_is_refused(tiny_models) -> None:
    data = tiny_models.int8_tflite.read_bytes()
    for length in range(4, len(data) - 64, len(data) // 20):
        with pytest.raises(ArtifactError):
            read_tflite(data[:length], "cut.tflite")


def test_mutated_files_are_read_or_refused_never_worse(tiny_models) -> None:
    data = tiny_models.int8_tflite.read_bytes()
    generator = np.random.default_rng(0)
    outcomes: Counter[str] = Counter()
    for _ in range(MUTANTS):
        mutant = bytearray(data)
        for position in generator.integers(0, len(data), generator.integers(1, 5)):
            mutant[position] ^= 1 << generator.integers(0, 8)
        try:
            tflite_cost(read_tflite(bytes(mutant), "mutant.tflite"), len(mutant))
            outcomes["read"] += 1
        except ArtifactError as error:
            assert "mutant.tflite" in str(error)  # noqa: PT017 - both outcomes are allowed
            outcomes["refused"] += 1
    assert outcomes["read"] > 0
    assert outcomes["refused"] > 0


@pytest.mark.real_data
@pytest.mark.parametrize(
    ("name", "kinds"),
    [
        (
            "pretrainedResnet_quant.tflite",
            {"CONV_2D": 9, "ADD": 3, "AVERAGE_POOL_2D": 1, "RESHAPE": 1, "FULLY_CONNECTED": 1, "SOFTMAX": 1},
        ),
        (
            "kws_ref_model.tflite",
            {
                "CONV_2D": 5,
                "DEPTHWISE_CONV_2D": 4,
                "AVERAGE_POOL_2D": 1,
                "RESHAPE": 1,
                "FULLY_CONNECTED": 1,
                "SOFTMAX": 1,
            },
        ),
        (
            "vww_96_int8.tflite",
            {
                "CONV_2D": 14,
                "DEPTHWISE_CONV_2D": 13,
                "AVERAGE_POOL_2D": 1,
                "RESHAPE": 1,
                "FULLY_CONNECTED": 1,
                "SOFTMAX": 1,
            },
        ),
        ("ad01_int8.tflite", {"FULLY_CONNECTED": 10}),
    ],
)
def test_mlperf_tiny_files_hold_the_operators_their_page_lists(
    test_data: Path, name: str, kinds: dict[str, int]
) -> None:
    graph = read(test_data / "models" / "mlperf_tiny" / name)
    assert Counter(operator.kind for operator in graph.operators) == kinds
    assert float_tensors(graph) == ()


def test_a_file_without_its_lists_is_refused_before_litert_crashes_on_it() -> None:
    builder = flatbuffers.Builder(64)
    tflite.ModelStart(builder)
    tflite.ModelAddVersion(builder, 3)
    builder.Finish(tflite.ModelEnd(builder), b"TFL3")
    with pytest.raises(ArtifactError, match=r"^bare\.tflite: .*operator codes, subgraphs or buffers are missing"):
        read_tflite(bytes(builder.Output()), "bare.tflite")


def test_options_are_read_by_their_names_integers_and_reals_apart() -> None:
    shape = (1, 2, 3)
    cases = {
        "LEAKY_RELU": ({"Alpha": 0.25}, {}, {"Alpha": 0.25}),
        "MEAN": ({"KeepDims": 1}, {"KeepDims": 1}, {}),
        "MUL": ({"FusedActivationFunction": 3}, {"FusedActivationFunction": 3}, {}),
        "SOFTMAX": ({"Beta": 1.5}, {}, {"Beta": 1.5}),
        "SUB": ({"FusedActivationFunction": 1}, {"FusedActivationFunction": 1, "PotScaleInt16": 1}, {}),
        "PRELU": (None, {}, {}),
    }
    for kind, (written, integers, reals) in cases.items():
        graph = single(kind, [Given(shape), Given(shape)], Given(shape), written)
        operator = read_tflite(graph.data, "options.tflite").operators[0]
        assert (operator.kind, dict(operator.options), dict(operator.real_options)) == (kind, integers, reals)


@pytest.mark.parametrize(
    ("written", "reason"),
    [
        (2, r"operator 1 \(RELU\) writes tensor 2 .*which operator 0 \(RELU\) writes already"),
        (0, "writes tensor 0 .*which is a network input already"),
        (1, "writes tensor 1 .*which is a constant already"),
    ],
)
def test_a_tensor_of_two_sources_is_refused(written: int, reason: str) -> None:
    writer = Writer()
    for data in (None, np.zeros((1, 4), np.int8), None):
        writer.tensor((1, 4), 0.1, 0, data=data)
    writer.operator("RELU", [0], [2], None)
    writer.operator("RELU", [0], [written], None)
    with pytest.raises(ArtifactError, match=f"^twice.tflite: .*{reason}"):
        read_tflite(writer.finish([0], [2]), "twice.tflite")
