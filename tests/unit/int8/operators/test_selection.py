import numpy as np
import pytest
from int8graphs.single import Given, check_equal, check_random_layers, indices, parsed, run, single

from edge_nas.errors import ArtifactError

CODES = np.arange(6, dtype=np.int8).reshape(1, 2, 3)


@pytest.mark.parametrize("kind", ["GATHER", "TILE", "MIRROR_PAD"])
def test_random_layers_give_the_reference_bytes(kind: str) -> None:
    check_random_layers(kind, 25)


def test_numbers_of_two_dimensions_take_the_place_of_one() -> None:
    graph = single("GATHER", [Given((1, 2, 3)), indices([[2, 0]])], Given((1, 2, 1, 2)), {"Axis": -1, "BatchDims": 0})
    np.testing.assert_array_equal(run(graph, CODES), [[[[2, 0]], [[5, 3]]]])
    check_equal(graph)


def test_a_border_repeats_the_edge_or_not() -> None:
    for mode, expected in ((0, [2, 1, 0, 1, 2, 1]), (1, [1, 0, 0, 1, 2, 2])):
        graph = single("MIRROR_PAD", [Given((1, 3)), indices([[0, 0], [2, 1]])], Given((1, 6)), {"Mode": mode})
        np.testing.assert_array_equal(run(graph, CODES[:, 0]), [expected])
        check_equal(graph)


def test_what_is_not_supported_is_refused() -> None:
    with pytest.raises(ArtifactError, match="numbers from 0 to 2 are expected"):
        parsed(single("GATHER", [Given((1, 3)), indices([3])], Given((1, 1)), {"Axis": 1, "BatchDims": 0}))
    with pytest.raises(ArtifactError, match=r"the multiples \[2, 1\] are not supported"):
        parsed(single("TILE", [Given((1, 3)), indices([2, 1])], Given((2, 3)), {}))
    with pytest.raises(ArtifactError, match="larger than what"):
        parsed(single("MIRROR_PAD", [Given((1, 3)), indices([[0, 0], [3, 0]])], Given((1, 6)), {"Mode": 0}))
