"""Permutations: TRANSPOSE, DEPTH_TO_SPACE, SPACE_TO_DEPTH and the view they share."""

from pathlib import Path

import numpy as np
import pytest
from codegraphs import Case, run_merged
from int8graphs.draft import Draft
from int8graphs.random_graphs import finish
from int8graphs.reference import run_reference
from int8graphs.shorts import ShortDraft
from int8graphs.single import Given, check_equal, check_random_layers, indices, parsed, run, single

from edge_nas.codegen import compile_tflite
from edge_nas.emulation.frames import packed
from edge_nas.errors import ArtifactError
from edge_nas.int8.interpreter import Int8Interpreter
from edge_nas.int8.operators.permutation import merged
from edge_nas.int8.reader import read_tflite

CODES = np.arange(24).reshape(1, 2, 3, 4)


def transpose(order: list[int], output: tuple[int, ...]) -> object:
    return single("TRANSPOSE", [Given((1, 2, 3, 4)), indices(order)], Given(output), {})


@pytest.mark.parametrize("kind", ["TRANSPOSE", "DEPTH_TO_SPACE", "SPACE_TO_DEPTH"])
def test_random_layers_give_the_reference_bytes(kind: str) -> None:
    check_random_layers(kind, 40)


def test_dimensions_change_places() -> None:
    np.testing.assert_array_equal(run(transpose([0, 3, -3, 2], (1, 4, 2, 3)), CODES), CODES.transpose(0, 3, 1, 2))


@pytest.mark.parametrize("draft_class", [Draft, ShortDraft])
def test_channels_that_are_shuffled_have_five_dimensions_between(draft_class: type[Draft], tmp_path: Path) -> None:
    draft = draft_class(np.random.default_rng(0))
    last = source = draft.activation((1, 3, 2, 8), 0.1, 0)
    for kind, shape, given in (
        ("RESHAPE", (1, 3, 2, 2, 4), (1, 3, 2, 2, 4)),
        ("TRANSPOSE", (1, 3, 2, 4, 2), (0, 1, 2, 4, 3)),
        ("RESHAPE", (1, 3, 2, 8), (1, 3, 2, 8)),
    ):
        last = draft.operator(kind, [last.index, draft.writer.constant(given)], draft.activation(shape, 0.1, 0), {})
    graph = finish(draft, [source], [last])
    dtype = np.int8 if draft_class is Draft else np.int16
    codes = np.arange(2 * 48, dtype=dtype).reshape(2, 3, 2, 8)
    expected = codes.reshape(2, 3, 2, 2, 4).transpose(0, 1, 2, 4, 3).reshape(2, 3, 2, 8)
    np.testing.assert_array_equal(run_reference(graph.data, [codes])[0], expected)
    np.testing.assert_array_equal(Int8Interpreter(read_tflite(graph.data, "shuffle")).run_all([codes])[0], expected)
    (found,) = run_merged([Case(compile_tflite(graph.data), packed([codes]))], tmp_path)
    np.testing.assert_array_equal(found, packed([expected]))


def test_channels_become_pixels_and_back() -> None:
    graph = single("DEPTH_TO_SPACE", [Given((1, 1, 2, 8))], Given((1, 2, 4, 2)), {"BlockSize": 2})
    codes = np.arange(16).reshape(1, 1, 2, 8)
    pixels = run(graph, codes)
    assert pixels[0, 0, :, 0].tolist() == [0, 2, 8, 10]
    assert pixels[0, 1, :, 0].tolist() == [4, 6, 12, 14]
    back = single("SPACE_TO_DEPTH", [Given((1, 2, 4, 2))], Given((1, 1, 2, 8)), {"BlockSize": 2})
    np.testing.assert_array_equal(run(back, pixels), codes)
    check_equal(graph)


@pytest.mark.parametrize(
    ("view", "order", "expected"),
    [
        ((2, 3, 4), (0, 1, 2), ((24,), (0,))),
        ((2, 3, 4), (2, 0, 1), ((6, 4), (1, 0))),
        ((2, 1, 4), (0, 2, 1), ((8,), (0,))),
        ((5, 2, 3, 2, 4), (0, 2, 1, 3, 4), ((5, 2, 3, 8), (0, 2, 1, 3))),
        ((1, 1), (1, 0), ((), ())),
    ],
)
def test_neighbours_that_stay_together_are_one(view: object, order: object, expected: object) -> None:
    assert merged(view, order) == expected


def test_what_is_not_supported_is_refused() -> None:
    with pytest.raises(ArtifactError, match=r"the order \[1, 0, 2, 3\] is not supported; supported: 0 first"):
        parsed(transpose([1, 0, 2, 3], (1, 2, 3, 4)))
    five = single("TRANSPOSE", [Given((1, 2, 2, 2, 2, 2)), indices([0, 5, 4, 3, 2, 1])], Given((1, 2, 2, 2, 2, 2)), {})
    with pytest.raises(ArtifactError, match=r"moves 5 dimensions, where neighbours that stay together are one; .* 4"):
        parsed(five)
    with pytest.raises(ArtifactError, match="6 channels are not divided by a block of 2 x 2"):
        parsed(single("DEPTH_TO_SPACE", [Given((1, 1, 2, 6))], Given((1, 2, 4, 1)), {"BlockSize": 2}))
    with pytest.raises(ArtifactError, match="3 x 4 is not divided by a block of 2 x 2"):
        parsed(single("SPACE_TO_DEPTH", [Given((1, 3, 4, 1))], Given((1, 1, 2, 4)), {"BlockSize": 2}))
    with pytest.raises(ArtifactError, match="copies codes"):
        parsed(single("TRANSPOSE", [Given((1, 2, 3)), indices([0, 2, 1])], Given((1, 3, 2), 0.2), {}))
