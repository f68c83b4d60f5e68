import numpy as np
import pytest
from int8graphs.single import Given, check_equal, check_random_layers, constant, parsed, run, single

from edge_nas.errors import ArtifactError


def test_random_layers_give_the_reference_bytes() -> None:
    check_random_layers("PRELU", 40)


def test_every_channel_has_its_slope() -> None:
    sources = [Given((1, 2, 3), 1.0, 0), constant([[[1, 2, -1]]], 0.5, 0)]
    graph = single("PRELU", sources, Given((1, 2, 3), 1.0, 0))
    np.testing.assert_array_equal(run(graph, [[[-10, -10, -10], [10, 0, 3]]]), [[[-5, -10, 5], [10, 0, 3]]])


def test_all_pairs_of_codes() -> None:
    codes = np.arange(-128, 128).astype(np.int8)
    sources = [Given((1, 256, 256), 0.04, 3), constant(codes.reshape(1, 1, 256), 0.01, -9)]
    graph = single("PRELU", sources, Given((1, 256, 256), 0.05, 1))
    check_equal(graph, count=0)
    every = np.broadcast_to(codes.reshape(1, 256, 1), (1, 256, 256))
    assert len(np.unique(run(graph, every))) > 200


def test_more_slopes_than_data_are_refused() -> None:
    with pytest.raises(ArtifactError, match="output shape"):
        parsed(single("PRELU", [Given((1, 1, 3)), constant(np.ones((1, 2, 3)))], Given((1, 2, 3))))
