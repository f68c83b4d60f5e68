"""Permutations: TRANSPOSE, DEPTH_TO_SPACE, SPACE_TO_DEPTH and the view they share."""

import numpy as np
import pytest
from int8graphs.single import Given, check_equal, check_random_layers, indices, parsed, run, single

from edge_nas.errors import ArtifactError
from edge_nas.int8.operators.permutation import merged

CODES = np.arange(24).reshape(1, 2, 3, 4)


def transpose(order: list[int], output: tuple[int, ...]) -> object:
    return single("TRANSPOSE", [Given((1, 2, 3, 4)), indices(order)], Given(output), {})


@pytest.mark.parametrize("kind", ["TRANSPOSE", "DEPTH_TO_SPACE", "SPACE_TO_DEPTH"])
def test_random_layers_give_the_reference_bytes(kind: str) -> None:
    check_random_layers(kind, 40)


def test_dimensions_change_places() -> None:
    np.testing.assert_array_equal(run(transpose([0, 3, -3, 2], (1, 4, 2, 3)), CODES), CODES.transpose(0, 3, 1, 2))


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
    with pytest.raises(ArtifactError, match="6 channels are not divided by a block of 2 x 2"):
        parsed(single("DEPTH_TO_SPACE", [Given((1, 1, 2, 6))], Given((1, 2, 4, 1)), {"BlockSize": 2}))
    with pytest.raises(ArtifactError, match="3 x 4 is not divided by a block of 2 x 2"):
        parsed(single("SPACE_TO_DEPTH", [Given((1, 3, 4, 1))], Given((1, 1, 2, 4)), {"BlockSize": 2}))
    with pytest.raises(ArtifactError, match="copies codes"):
        parsed(single("TRANSPOSE", [Given((1, 2, 3)), indices([0, 2, 1])], Given((1, 3, 2), 0.2), {}))
