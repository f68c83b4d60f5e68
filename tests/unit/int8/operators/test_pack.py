import numpy as np
import pytest
from int8graphs.single import Given, check_equal, check_random_layers, parsed, run, single

from edge_nas.errors import ArtifactError


def test_random_layers_give_the_reference_bytes() -> None:
    check_random_layers("PACK", 60)


def test_a_new_dimension_holds_the_inputs() -> None:
    graph = single("PACK", [Given((1, 2)), Given((1, 2))], Given((1, 2, 2)), {"ValuesCount": 2, "Axis": -1})
    np.testing.assert_array_equal(run(graph, [[1, 2]], [[3, 4]]), [[[1, 3], [2, 4]]])
    check_equal(graph)


def test_what_is_not_supported_is_refused() -> None:
    with pytest.raises(ArtifactError, match="the option Axis is 0; supported: 1 to 2"):
        parsed(single("PACK", [Given((1, 2))], Given((1, 1, 2)), {"ValuesCount": 1, "Axis": 0}))
    with pytest.raises(ArtifactError, match="its shape is not the first input's"):
        parsed(single("PACK", [Given((1, 2)), Given((1, 3))], Given((1, 1, 2)), {"ValuesCount": 2, "Axis": 1}))
