import numpy as np
import pytest
from int8graphs.single import Given, check_equal, check_random_layers, constant, parsed, run, single

from edge_nas.errors import ArtifactError


@pytest.mark.parametrize("kind", ["MAXIMUM", "MINIMUM"])
def test_random_layers_give_the_reference_bytes(kind: str) -> None:
    check_random_layers(kind)
    check_equal(single(kind, [Given((1, 3, 4, 2)), Given((1, 3, 4, 2))], Given((1, 3, 4, 2)), {}))


def test_the_larger_and_the_smaller() -> None:
    for kind, expected in (("MAXIMUM", [3, 2, 2]), ("MINIMUM", [2, -1, 2])):
        graph = single(kind, [Given((1, 3)), constant([2])], Given((1, 3)), {})
        np.testing.assert_array_equal(run(graph, [[3, -1, 2]]), [expected])
        assert parsed(graph).largest == (kind == "MAXIMUM")


def test_another_scale_or_zero_point_is_refused() -> None:
    for second, output in ((Given((1, 3), 0.2), Given((1, 3))), (Given((1, 3)), Given((1, 3), 0.1, 1))):
        with pytest.raises(ArtifactError, match="copies codes"):
            parsed(single("MAXIMUM", [Given((1, 3)), second], output, {}))
