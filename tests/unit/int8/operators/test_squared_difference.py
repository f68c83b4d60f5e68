import numpy as np
import pytest
from int8graphs.single import Given, check_equal, check_random_layers, constant, parsed, run, single

from edge_nas.errors import ArtifactError


def test_random_layers_give_the_reference_bytes() -> None:
    check_random_layers("SQUARED_DIFFERENCE")


@pytest.mark.parametrize("shapes", [((1, 3, 5, 2), (1, 3, 5, 2)), ((1, 3, 5, 2), (1, 1, 1, 2)), ((1, 4), (1, 2, 3, 4))])
def test_shapes_spread_over_each_other(shapes: tuple[tuple[int, ...], tuple[int, ...]]) -> None:
    output = Given(tuple(np.broadcast_shapes(*shapes)), 0.11, -128)
    check_equal(single("SQUARED_DIFFERENCE", [Given(shapes[0], 0.03, 5), Given(shapes[1], 0.07, -90)], output, None))


def test_known_squares() -> None:
    graph = single("SQUARED_DIFFERENCE", [Given((1, 3), 1.0, 0), constant([[1, 2, 3]], 1.0)], Given((1, 3), 1.0), None)
    np.testing.assert_array_equal(run(graph, [[1, 0, 10], [-9, 12, 20]]), [[0, 4, 49], [100, 100, 127]])


def test_a_squared_difference_of_constants_is_refused() -> None:
    three = constant([[1, 2, 3]], 1.0)
    with pytest.raises(ArtifactError, match="both inputs are constants"):
        parsed(single("SQUARED_DIFFERENCE", [three, three, Given((1, 3), 1.0)][:2], Given((1, 3), 1.0), None))
