import numpy as np
import pytest
from int8graphs.single import Given, check_equal, check_random_layers, indices, parsed, run, single

from edge_nas.errors import ArtifactError


@pytest.mark.parametrize("kind", ["REDUCE_MAX", "REDUCE_MIN"])
def test_random_layers_give_the_reference_bytes(kind: str) -> None:
    check_random_layers(kind, 40)


def test_known_extremes() -> None:
    codes = np.array([[[1, -128, 3], [4, 5, 127]]])
    for kind, expected in (("REDUCE_MAX", [[3, 127]]), ("REDUCE_MIN", [[-128, 4]])):
        graph = single(kind, [Given((1, 2, 3)), indices([-1])], Given((1, 2)), {"KeepDims": 0})
        np.testing.assert_array_equal(run(graph, codes), expected)
        check_equal(graph)


def test_what_is_not_supported_is_refused() -> None:
    with pytest.raises(ArtifactError, match=r"the axes \[0\] are not supported; supported: 1 to 1"):
        parsed(single("REDUCE_MAX", [Given((1, 2)), indices([0])], Given((2,)), {"KeepDims": 0}))
    with pytest.raises(ArtifactError, match="copies codes"):
        parsed(single("REDUCE_MAX", [Given((1, 2)), indices([1])], Given((1,), 0.2), {"KeepDims": 0}))
