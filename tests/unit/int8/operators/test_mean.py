import numpy as np
import pytest
from int8graphs.draft import Draft
from int8graphs.functions import sum_layer
from int8graphs.random_graphs import finish, probe_inputs
from int8graphs.reference import run_tflite_micro
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


def test_sums_give_the_bytes_of_tflite_micro() -> None:
    graphs = []
    for seed in range(40):
        draft = Draft(np.random.default_rng(seed))
        source = draft.activation((1, draft.integer(1, 7), draft.integer(1, 7), draft.integer(1, 9)))
        output = sum_layer(draft, "SUM", [source])
        assert output is not None
        graphs.append(finish(draft, [source], [output]))
    batches = [probe_inputs(graph) for graph in graphs]
    theirs = run_tflite_micro([(graph.data, batch, 1) for graph, batch in zip(graphs, batches, strict=True)])
    varied = 0
    for graph, batch, (expected,) in zip(graphs, batches, theirs, strict=True):
        found = run(graph, *batch)
        np.testing.assert_array_equal(found, expected.reshape(found.shape))
        varied += len(np.unique(found)) > 10
    assert varied > 20


def test_a_known_sum() -> None:
    graph = single("SUM", [Given((1, 4), 1.0, 2), indices([1])], Given((1,), 2.0, -5), {"KeepDims": 0})
    np.testing.assert_array_equal(run(graph, [[2, 4, 6, 8], [0, 0, 2, 2]]), [6 - 5, -2 - 5])


def test_what_is_not_supported_is_refused() -> None:
    with pytest.raises(ArtifactError, match=r"the axes \[0\] are not supported; supported: 1 to 2"):
        parsed(single("MEAN", [Given((1, 2, 3)), indices([0])], Given((1, 2, 3)), {"KeepDims": 1}))
    with pytest.raises(ArtifactError, match=r"the axes \[3\]"):
        parsed(single("MEAN", [Given((1, 2, 3)), indices([3])], Given((1, 2, 3)), {"KeepDims": 1}))
    with pytest.raises(ArtifactError, match="only a constant is supported"):
        parsed(single("MEAN", [Given((1, 2, 3)), Given((1,), (), (), "int32")], Given((1, 2, 1)), {"KeepDims": 1}))
