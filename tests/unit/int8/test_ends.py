"""Ends of float and uint8: the bytes of the reference, and a network of codes between."""

import numpy as np
import pytest
from int8graphs.ends import ENDS, SHAPE, WIDE, ended, stored
from int8graphs.reference import run_reference
from int8graphs.writer import Writer

from edge_nas.errors import ArtifactError
from edge_nas.int8.ends import split_ends
from edge_nas.int8.interpreter import Int8Interpreter
from edge_nas.int8.reader import read_tflite


@pytest.mark.parametrize("before", ENDS)
@pytest.mark.parametrize("after", ENDS)
def test_each_end_gives_the_reference_bytes(before: str | None, after: str | None) -> None:
    data = ended(before, after)
    batch = stored(before or "int8")
    found = Int8Interpreter(read_tflite(data, "ends")).run(batch)
    (expected,) = run_reference(data, [batch])
    assert found.dtype == expected.dtype == np.dtype(after or "int8")
    np.testing.assert_array_equal(found, expected)


@pytest.mark.parametrize("dtype", WIDE)
@pytest.mark.parametrize("seed", range(5))
def test_wider_integers_of_any_scale_give_the_reference_bytes(dtype: str, seed: int) -> None:
    generator = np.random.default_rng(seed)
    scales = tuple(np.exp(generator.uniform(-6, -1, 2)).astype(np.float32).tolist())
    data = ended(dtype, "uint8", scales=scales, zero_points=(int(generator.integers(-99, 99)), 7))
    batch = stored(dtype, seed)
    np.testing.assert_array_equal(
        Int8Interpreter(read_tflite(data, "ends")).run(batch), run_reference(data, [batch])[0]
    )


@pytest.mark.parametrize("seed", range(20))
def test_uint8_of_any_scale_gives_the_reference_bytes(seed: int) -> None:
    generator = np.random.default_rng(seed)
    scales = tuple(np.exp(generator.uniform(-5, 0, 2)).astype(np.float32).tolist())
    zero_points = tuple(generator.integers(0, 256, 2).tolist())
    inside = (float(np.float32(np.exp(generator.uniform(-5, 0)))), int(generator.integers(-128, 128)))
    data = ended("uint8", "uint8", scales=scales, zero_points=zero_points, inside=inside)
    batch = stored("uint8", seed)
    np.testing.assert_array_equal(
        Int8Interpreter(read_tflite(data, "ends")).run(batch), run_reference(data, [batch])[0]
    )


def test_the_sign_flips_where_only_the_zero_point_moves() -> None:
    graph = read_tflite(ended("uint8", None, scales=(0.09, 1), zero_points=(121, 0)), "ends")
    (end,) = split_ends(graph).inputs
    np.testing.assert_array_equal(end.codes_of_bytes(), np.arange(256) - 128)


def test_the_body_is_a_network_of_codes_with_places_for_indices() -> None:
    body = split_ends(read_tflite(ended("float32", "float32"), "ends")).body
    assert [(operator.index, operator.number, operator.kind) for operator in body.operators] == [(0, 1, "RELU")]
    assert [body.tensors[index].dtype for index in (*body.inputs, *body.outputs)] == ["int8", "int8"]


def test_an_int8_network_is_its_own_body() -> None:
    graph = read_tflite(ended(None, None), "ends")
    assert split_ends(graph).body == graph


def test_what_is_not_converted_is_refused_by_name() -> None:
    writer = Writer()
    source, middle, result = (writer.tensor(SHAPE, dtype="float32") for _ in range(3))
    writer.operator("RELU", [source], [middle], {})
    writer.operator("RELU", [middle], [result], {})
    with pytest.raises(ArtifactError, match=r"operator 0 \(RELU\): tensor 0 .* it is float32"):
        Int8Interpreter(read_tflite(writer.finish([source], [result]), "float"))


def test_reals_without_a_code_are_refused() -> None:
    batch = np.full((1, *SHAPE[1:]), np.nan, np.float32)
    with pytest.raises(ArtifactError, match="NaN or infinity"):
        Int8Interpreter(read_tflite(ended("float32", None), "ends")).run(batch)
