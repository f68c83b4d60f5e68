import numpy as np
import pytest
from int8graphs.single import Given, check_equal, check_random_layers, constant, parsed, run, single

from edge_nas.errors import ArtifactError

FLAT = {"FusedActivationFunction": 0, "KeepNumDims": 0, "WeightsFormat": 0}
KEEP = {**FLAT, "KeepNumDims": 1}


def test_random_layers_give_the_reference_bytes() -> None:
    check_random_layers("FULLY_CONNECTED", 60)


def test_a_known_product() -> None:
    graph = single(
        "FULLY_CONNECTED", [Given((1, 2), 1.0, 1), constant([[1, 2], [-3, 4]], 1.0)], Given((1, 2), 1.0, 5), FLAT
    )
    np.testing.assert_array_equal(run(graph, [[4, 6]]), [[3 + 10 + 5, -9 + 20 + 5]])


def test_ties_are_rounded_once_and_away_from_zero() -> None:
    for zero_point in (-128, 0, 77):
        sources = [Given((1, 1), 0.5, zero_point), constant([[1], [3], [127]], 0.5)]
        for scale in (1.0, 0.5, 4.0, 16.0):  # exact powers of two: many exact ties
            graph = single("FULLY_CONNECTED", sources, Given((1, 3), scale), FLAT)
            check_equal(graph, count=200)


def test_the_last_dimension_alone() -> None:
    rng = np.random.default_rng(0)
    kernel = constant(rng.integers(-128, 128, (5, 4)), np.linspace(0.01, 0.03, 5), [0] * 5)
    graph = single("FULLY_CONNECTED", [Given((1, 3, 2, 4)), kernel], Given((1, 3, 2, 5), 2.0, 3), KEEP)
    check_equal(graph)
    assert (parsed(graph).rows, parsed(graph).depth) == (6, 4)


def test_all_dimensions_at_once() -> None:
    rng = np.random.default_rng(0)
    kernel = constant(rng.integers(-128, 128, (5, 24)), 0.02)
    graph = single("FULLY_CONNECTED", [Given((1, 3, 2, 4)), kernel], Given((1, 5), 2.0, 3), FLAT)
    check_equal(graph)
    assert (parsed(graph).rows, parsed(graph).depth) == (1, 24)


def test_what_is_not_supported_is_refused() -> None:
    kernel = constant(np.ones((5, 24)))
    with pytest.raises(ArtifactError, match=r"the weights read 24 elements, the input \(1, 3, 4\) gives 12"):
        parsed(single("FULLY_CONNECTED", [Given((1, 3, 4)), kernel], Given((1, 5)), FLAT))
    with pytest.raises(ArtifactError, match="WeightsFormat is 1; supported: 0"):
        parsed(single("FULLY_CONNECTED", [Given((1, 24)), kernel], Given((1, 5)), {**FLAT, "WeightsFormat": 1}))
    with pytest.raises(ArtifactError, match="do not go together"):
        parsed(single("FULLY_CONNECTED", [Given((1, 24), 1e20), kernel], Given((1, 5), 1e-5), FLAT))
