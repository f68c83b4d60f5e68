import numpy as np
import pytest
from int8graphs.single import Given, check_equal, check_random_layers, constant, parsed, run, single

from edge_nas.errors import ArtifactError


def options(axis: int) -> dict[str, float]:
    return {"Axis": axis, "FusedActivationFunction": 0}


def test_random_layers_give_the_reference_bytes() -> None:
    check_random_layers("CONCATENATION")


@pytest.mark.parametrize("axis", [1, 2, 3, -1, -2, -3])
def test_every_axis(axis: int) -> None:
    shape = [1, 2, 3, 4]
    shape[axis] *= 3
    graph = single("CONCATENATION", [Given((1, 2, 3, 4))] * 3, Given(tuple(shape)), options(axis))
    check_equal(graph)
    assert parsed(graph).axis == axis % 4 - 1


def test_a_constant_is_repeated_for_every_sample() -> None:
    graph = single("CONCATENATION", [constant([[7]]), Given((1, 2))], Given((1, 3)), options(1))
    np.testing.assert_array_equal(run(graph, [[1, 2], [3, 4]]), [[7, 1, 2], [7, 3, 4]])


def test_what_is_not_supported_is_refused() -> None:
    two = [Given((1, 2)), Given((1, 2))]
    with pytest.raises(ArtifactError, match=r"Axis is 0; supported: 1 to 1 or -1 to -1"):
        parsed(single("CONCATENATION", two, Given((2, 2)), options(0)))
    with pytest.raises(ArtifactError, match="copies codes"):
        parsed(single("CONCATENATION", [Given((1, 2)), Given((1, 2), 0.3)], Given((1, 4)), options(1)))
    with pytest.raises(ArtifactError, match="its shape does not fit the first input's"):
        parsed(single("CONCATENATION", [Given((1, 2, 3)), Given((1, 3, 3))], Given((1, 2, 6)), options(2)))
    with pytest.raises(ArtifactError, match="FusedActivationFunction is 1; supported: 0"):
        parsed(single("CONCATENATION", two, Given((1, 4)), {"Axis": 1, "FusedActivationFunction": 1}))
