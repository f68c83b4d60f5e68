import numpy as np
import pytest
from int8graphs.single import Given, check_equal, check_random_layers, indices, parsed, run, single

from edge_nas.errors import ArtifactError


def options(align: int = 0, half: int = 0) -> dict[str, float]:
    return {"AlignCorners": align, "HalfPixelCenters": half}


def test_random_layers_give_the_reference_bytes() -> None:
    check_random_layers("RESIZE_NEAREST_NEIGHBOR", 40)


@pytest.mark.parametrize("flags", [(0, 0), (0, 1), (1, 0), (1, 1)])
def test_every_pair_of_sizes(flags: tuple[int, int]) -> None:
    for size in range(1, 12):
        for target in (1, 2, 3, 5, 7, 10, 13, 24, 31):
            graph = single(
                "RESIZE_NEAREST_NEIGHBOR",
                [Given((1, size, 3, 1)), indices([target, 5])],
                Given((1, target, 5, 1)),
                options(*flags),
            )
            check_equal(graph, count=1)


def test_doubling_repeats_every_pixel() -> None:
    graph = single(
        "RESIZE_NEAREST_NEIGHBOR", [Given((1, 2, 2, 1)), indices([4, 4])], Given((1, 4, 4, 1)), options(half=1)
    )
    found = run(graph, np.array([[1, 2], [3, 4]]).reshape(1, 2, 2, 1)).reshape(4, 4)
    np.testing.assert_array_equal(found, [[1, 1, 2, 2], [1, 1, 2, 2], [3, 3, 4, 4], [3, 3, 4, 4]])
    assert parsed(graph).rows == (0, 0, 1, 1)


def test_what_is_not_supported_is_refused() -> None:
    image = Given((1, 2, 2, 1))
    with pytest.raises(ArtifactError, match="a height and a width"):
        parsed(single("RESIZE_NEAREST_NEIGHBOR", [image, indices([4])], Given((1, 4, 4, 1)), options()))
    with pytest.raises(ArtifactError, match="copies codes"):
        parsed(single("RESIZE_NEAREST_NEIGHBOR", [image, indices([4, 4])], Given((1, 4, 4, 1), 0.2), options()))
    with pytest.raises(ArtifactError, match="computed at run time"):
        parsed(single("RESIZE_NEAREST_NEIGHBOR", [image, Given((2,), (), (), "int32")], Given((1, 4, 4, 1)), options()))
