import numpy as np
import pytest
from int8graphs.single import Given, check_equal, check_random_layers, indices, parsed, run, single

from edge_nas.errors import ArtifactError


def resize(size: tuple[int, int], target: tuple[int, int], align: int = 0, half: int = 0):
    options = {"AlignCorners": align, "HalfPixelCenters": half}
    return single("RESIZE_BILINEAR", [Given((1, *size, 2)), indices(target)], Given((1, *target, 2)), options)


def test_random_layers_give_the_reference_bytes() -> None:
    check_random_layers("RESIZE_BILINEAR", 40)


@pytest.mark.parametrize("flags", [(0, 0), (0, 1), (1, 0)])
def test_every_pair_of_sizes(flags: tuple[int, int]) -> None:
    for size in range(1, 9):
        for target in (1, 2, 3, 5, 8, 13, 31):
            check_equal(resize((size, 4), (target, 7), *flags), count=1)


def test_between_two_pixels_lies_their_mean_rounded_away_from_zero() -> None:
    image = np.array([[0, 0], [3, -3]]).reshape(1, 2, 1, 2)
    found = run(resize((2, 1), (3, 1), align=1), image).reshape(3, 2)
    np.testing.assert_array_equal(found, [[0, 0], [2, -2], [3, -3]])


def test_weights_stay_between_zero_and_one() -> None:
    for flags in ((0, 0), (0, 1), (1, 0)):
        operator = parsed(resize((5, 3), (17, 8), *flags))
        for at in (*operator.rows, *operator.columns):
            assert 0 <= at.weight <= 1024
            assert 0 <= at.lower <= at.upper


def test_what_is_not_supported_is_refused() -> None:
    with pytest.raises(ArtifactError, match="exclude each other"):
        parsed(resize((2, 2), (4, 4), 1, 1))
    with pytest.raises(ArtifactError, match="would read outside the input"):
        parsed(resize((1, 1), (66, 1)))
