import numpy as np
import pytest
from int8graphs.single import Given, check_equal, check_random_layers, parsed, run, single

from edge_nas.errors import ArtifactError

ANY = {"FusedActivationFunction": 0}


def test_random_layers_give_the_reference_bytes() -> None:
    check_random_layers("L2_NORMALIZATION", 25)


@pytest.mark.parametrize("depth", [1, 2, 3, 900])
@pytest.mark.parametrize("zero_point", [-128, 0, 127])
def test_small_and_large_norms_give_the_reference_bytes(depth: int, zero_point: int) -> None:
    graph = single("L2_NORMALIZATION", [Given((1, depth), 0.1, zero_point)], Given((1, depth), 1 / 128, 0), ANY)
    check_equal(graph, count=20)


def test_three_four_five() -> None:
    graph = single("L2_NORMALIZATION", [Given((1, 2))], Given((1, 2), 1 / 128, 0), ANY)
    assert run(graph, np.array([[30, -40]])).tolist() == [[77, -102]]
    assert run(graph, np.array([[0, 0]])).tolist() == [[0, 0]]


def test_another_output_scale_is_refused() -> None:
    with pytest.raises(ArtifactError, match="supported: 1/128 and 0"):
        parsed(single("L2_NORMALIZATION", [Given((1, 2))], Given((1, 2), 1 / 64, 0), ANY))
