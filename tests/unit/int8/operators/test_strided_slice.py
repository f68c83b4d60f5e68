import numpy as np
import pytest
from int8graphs.single import Given, check_equal, check_random_layers, indices, parsed, run, single

from edge_nas.errors import ArtifactError

MASKS = {"BeginMask": 0, "EndMask": 0, "EllipsisMask": 0, "NewAxisMask": 0, "ShrinkAxisMask": 0, "Offset": 0}


def cut(shape, begin, end, step, output, **masks):
    sources = [Given(shape), indices(begin), indices(end), indices(step)]
    return single("STRIDED_SLICE", sources, Given(output), {**MASKS, **masks})


def test_random_layers_give_the_reference_bytes() -> None:
    check_random_layers("STRIDED_SLICE", 60)


def test_known_slices() -> None:
    codes = np.arange(12).reshape(1, 3, 4)
    graph = cut((1, 3, 4), [0, 1, 3], [1, 3, -5], [1, 1, -2], (1, 2, 2))
    np.testing.assert_array_equal(run(graph, codes), codes[:, 1:3, 3::-2])
    graph = cut((1, 3, 4), [0, 0, -1], [0, 0, 0], [1, 1, 1], (1, 3), BeginMask=3, EndMask=3, ShrinkAxisMask=4)
    np.testing.assert_array_equal(run(graph, codes), codes[:, :, -1])
    check_equal(graph)
    assert (parsed(graph).starts, parsed(graph).strides, parsed(graph).counts) == ((0, 3), (1, 1), (3, 1))


def test_fewer_indices_than_dimensions_keep_the_rest() -> None:
    check_equal(cut((1, 5, 4), [0, 1], [1, 100], [1, 2], (1, 2, 4)))


def test_what_is_not_supported_is_refused() -> None:
    with pytest.raises(ArtifactError, match="EllipsisMask is 1; supported: 0"):
        parsed(cut((1, 3), [0, 0], [1, 3], [1, 1], (1, 3), EllipsisMask=1))
    with pytest.raises(ArtifactError, match="NewAxisMask is 2; supported: 0"):
        parsed(cut((1, 3), [0, 0], [1, 3], [1, 1], (1, 3), NewAxisMask=2))
    with pytest.raises(ArtifactError, match="the batch is cut"):
        parsed(cut((1, 3), [1, 0], [1, 3], [1, 1], (1, 3)))
    with pytest.raises(ArtifactError, match="the batch is cut"):
        parsed(cut((1, 3), [0, 0], [1, 3], [1, 1], (1, 3), ShrinkAxisMask=1))
    with pytest.raises(ArtifactError, match="nothing is left"):
        parsed(cut((1, 3), [0, 2], [1, 2], [1, 1], (1, 3)))
    with pytest.raises(ArtifactError, match="steps not 0"):
        parsed(cut((1, 3), [0, 0], [1, 3], [1, 0], (1, 3)))
    with pytest.raises(ArtifactError, match="dimension 1 is cut to position 3 of 3"):
        parsed(cut((1, 3), [0, 3], [1, 4], [1, 1], (1,), ShrinkAxisMask=2))
