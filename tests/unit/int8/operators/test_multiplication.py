import numpy as np
import pytest
from int8graphs.single import Given, check_equal, check_random_layers, constant, parsed, run, single

from edge_nas.errors import ArtifactError

NONE = {"FusedActivationFunction": 0}


def test_random_layers_give_the_reference_bytes() -> None:
    check_random_layers("MUL")


def test_all_pairs_of_codes() -> None:
    codes = np.arange(-128, 128).astype(np.int8)
    graph = single(
        "MUL",
        [Given((1, 256, 1), 0.04, 3), constant(codes.reshape(1, 1, 256), 0.07, -9)],
        Given((1, 256, 256), 0.9, 1),
        NONE,
    )
    check_equal(graph, count=1)
    np.testing.assert_array_equal(run(graph, codes.reshape(1, 256, 1))[0, 3 + 128], np.full(256, 1))


def test_what_is_not_supported_is_refused() -> None:
    with pytest.raises(ArtifactError, match="FusedActivationFunction is missing"):
        parsed(single("MUL", [Given((1, 2)), Given((1, 2))], Given((1, 2))))
    with pytest.raises(ArtifactError, match="do not go together"):
        parsed(single("MUL", [Given((1, 2), 1e6), Given((1, 2), 1e6)], Given((1, 2), 1e-6), NONE))
