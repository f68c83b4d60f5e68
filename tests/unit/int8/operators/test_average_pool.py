import numpy as np
import pytest
from int8graphs.single import Given, check_equal, check_random_layers, parsed, run, single

from edge_nas.errors import ArtifactError

VALID_2X2 = {
    "Padding": 1,
    "StrideH": 2,
    "StrideW": 2,
    "FilterHeight": 2,
    "FilterWidth": 2,
    "FusedActivationFunction": 0,
}


def test_random_layers_give_the_reference_bytes() -> None:
    check_random_layers("AVERAGE_POOL_2D", 40)


def test_halves_are_rounded_away_from_zero() -> None:
    graph = single("AVERAGE_POOL_2D", [Given((1, 2, 2, 1))], Given((1, 1, 1, 1)), VALID_2X2)
    images = np.array([[1, 0, 0, 1], [-1, 0, 0, -1], [1, 2, 2, 1], [-3, -3, -4, -4]]).reshape(4, 2, 2, 1)
    np.testing.assert_array_equal(run(graph, images).ravel(), [1, -1, 2, -4])


def test_padding_does_not_count() -> None:
    options = {**VALID_2X2, "Padding": 0, "FilterHeight": 3, "FilterWidth": 3, "StrideH": 1, "StrideW": 1}
    graph = single("AVERAGE_POOL_2D", [Given((1, 2, 2, 1))], Given((1, 2, 2, 1)), options)
    np.testing.assert_array_equal(run(graph, np.full((1, 2, 2, 1), 100)), np.full((1, 2, 2, 1), 100))
    check_equal(graph)


def test_what_is_not_supported_is_refused() -> None:
    with pytest.raises(ArtifactError, match="differ from the input's"):
        parsed(single("AVERAGE_POOL_2D", [Given((1, 2, 2, 1))], Given((1, 1, 1, 1), 0.2), VALID_2X2))
    with pytest.raises(ArtifactError, match="FilterHeight is 0; at least 1"):
        parsed(single("AVERAGE_POOL_2D", [Given((1, 2, 2, 1))], Given((1, 1, 1, 1)), {**VALID_2X2, "FilterHeight": 0}))
