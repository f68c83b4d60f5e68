import numpy as np
import pytest
from int8graphs.random_graphs import RandomGraph
from int8graphs.single import Given, check_equal, check_random_layers, indices, parsed, run, single

from edge_nas.errors import ArtifactError


@pytest.mark.parametrize("kind", ["RESHAPE", "EXPAND_DIMS"])
def test_random_layers_give_the_reference_bytes(kind: str) -> None:
    check_random_layers(kind)


def test_ones_come_and_go() -> None:
    check_equal(single("SQUEEZE", [Given((1, 2, 1, 3))], Given((1, 2, 3)), {"SqueezeDims": [2]}))
    check_equal(single("EXPAND_DIMS", [Given((1, 6)), indices(-1)], Given((1, 6, 1)), {}))


def test_the_order_stays() -> None:
    graph = single("RESHAPE", [Given((1, 2, 3)), indices([1, 6])], Given((1, 6)), {})
    np.testing.assert_array_equal(run(graph, [[[1, 2, 3], [4, 5, 6]], [[7, 8, 9], [0, 1, 2]]])[1], [7, 8, 9, 0, 1, 2])
    check_equal(graph)


def test_what_is_not_supported_is_refused() -> None:
    with pytest.raises(ArtifactError, match=r"\(1, 2, 3\) cannot become \(1, 7\)"):
        parsed(single("RESHAPE", [Given((1, 2, 3)), indices([1, 7])], Given((1, 7)), {}))
    with pytest.raises(ArtifactError, match="its first dimension must be the batch"):
        parsed(single("RESHAPE", [Given((1, 2, 3)), indices([2, 3])], Given((2, 3)), {}))
    with pytest.raises(ArtifactError, match="copies codes"):
        parsed(single("RESHAPE", [Given((1, 2, 3)), indices([1, 6])], Given((1, 6), 0.1, 4), {}))


@pytest.mark.parametrize(
    ("graph", "made"),
    [
        (single("SQUEEZE", [Given((1, 2, 3, 1))], Given((1, 2, 3)), {"SqueezeDims": [0]}), r"\(2, 3, 1\)"),
        (single("EXPAND_DIMS", [Given((1, 6)), indices(1)], Given((1, 6, 1)), {}), r"\(1, 1, 6\)"),
        (single("RESHAPE", [Given((1, 2, 3)), indices([1, -1, 2])], Given((1, 6)), {}), r"\(1, 3, 2\)"),
    ],
    ids=["SQUEEZE", "EXPAND_DIMS", "RESHAPE"],
)
def test_a_shape_that_the_options_do_not_make_is_refused(graph: RandomGraph, made: str) -> None:
    with pytest.raises(ArtifactError, match=rf"becomes {made} by its options, and the file says"):
        parsed(graph)
