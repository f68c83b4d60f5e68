import numpy as np
import pytest
from int8graphs.single import Given, check_equal, check_random_layers, indices, parsed, run, single

from edge_nas.errors import ArtifactError


def test_random_layers_give_the_reference_bytes() -> None:
    check_random_layers("PAD")


def test_the_border_is_the_zero_point() -> None:
    graph = single(
        "PAD", [Given((1, 1, 2), 0.1, 9), indices([[0, 0], [1, 0], [0, 2]], "int64")], Given((1, 2, 4), 0.1, 9), {}
    )
    np.testing.assert_array_equal(run(graph, [[[1, 2]]]), [[[9, 9, 9, 9], [1, 2, 9, 9]]])
    check_equal(graph)
    assert (parsed(graph).before, parsed(graph).after, parsed(graph).fill) == ((1, 0), (0, 2), 9)


@pytest.mark.parametrize("borders", [[[1, 0], [0, 0]], [[0, 0], [-1, 2]], [[0, 0], [0, 1], [0, 0]]])
def test_borders_that_are_not_supported_are_refused(borders: list[list[int]]) -> None:
    with pytest.raises(ArtifactError, match=r"the borders .* are not supported"):
        parsed(single("PAD", [Given((1, 2)), indices(borders)], Given((1, 3)), {}))
    with pytest.raises(ArtifactError, match="copies codes"):
        parsed(single("PAD", [Given((1, 2)), indices([[0, 0], [0, 1]])], Given((1, 3), 0.2), {}))
