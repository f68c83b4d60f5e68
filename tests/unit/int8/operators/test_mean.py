import numpy as np
import pytest
from int8graphs.single import Given, check_equal, check_random_layers, indices, parsed, run, single

from edge_nas.errors import ArtifactError


def test_random_layers_give_the_reference_bytes() -> None:
    check_random_layers("MEAN", 60)


@pytest.mark.parametrize("keep", [0, 1])
@pytest.mark.parametrize("axes", [(1, 2), (2, 1), (-1,), (1, 2, 3), (3, -1, 3)])
@pytest.mark.parametrize("size", [1, 2, 3, 7, 8, 9])
def test_axes_and_counts(axes: tuple[int, ...], keep: int, size: int) -> None:
    shape = (1, size, 5, 6)
    reduced = {axis % 4 for axis in axes}
    output = tuple(1 if i in reduced else n for i, n in enumerate(shape) if keep or i not in reduced)
    graph = single("MEAN", [Given(shape, 0.05, -11), indices(axes)], Given(output, 0.02, 30), {"KeepDims": keep})
    check_equal(graph)
    assert parsed(graph).axes == tuple(sorted(axis - 1 for axis in reduced))


def test_a_known_mean() -> None:
    graph = single("MEAN", [Given((1, 4), 1.0, 2), indices([1])], Given((1,), 1.0, -5), {"KeepDims": 0})
    np.testing.assert_array_equal(run(graph, [[2, 4, 6, 8], [2, 2, 2, 2]]), [3 - 5, -5])


def test_what_is_not_supported_is_refused() -> None:
    with pytest.raises(ArtifactError, match=r"the axes \[0\] are not supported; supported: 1 to 2"):
        parsed(single("MEAN", [Given((1, 2, 3)), indices([0])], Given((1, 2, 3)), {"KeepDims": 1}))
    with pytest.raises(ArtifactError, match=r"the axes \[3\]"):
        parsed(single("MEAN", [Given((1, 2, 3)), indices([3])], Given((1, 2, 3)), {"KeepDims": 1}))
    with pytest.raises(ArtifactError, match="only a constant is supported"):
        parsed(single("MEAN", [Given((1, 2, 3)), Given((1,), (), (), "int32")], Given((1, 2, 1)), {"KeepDims": 1}))
