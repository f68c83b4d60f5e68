import numpy as np
import pytest
from int8graphs.single import Given, check_equal, check_random_layers, parsed, run, single

from edge_nas.errors import ArtifactError

SAME_3X3 = {"Padding": 0, "StrideH": 2, "StrideW": 1, "FilterHeight": 3, "FilterWidth": 3, "FusedActivationFunction": 0}


def test_random_layers_give_the_reference_bytes() -> None:
    check_random_layers("MAX_POOL_2D", 40)


def test_padding_never_wins() -> None:
    graph = single("MAX_POOL_2D", [Given((1, 5, 4, 2), 0.1, 100)], Given((1, 3, 4, 2), 0.1, 100), SAME_3X3)
    low = np.full((1, 5, 4, 2), -128)
    low[0, 2, 1, 1] = -100
    pooled = run(graph, low)
    assert set(np.unique(pooled)) == {-128, -100}
    assert pooled.max(axis=(0, 1, 2)).tolist() == [-128, -100]
    check_equal(graph)


def test_the_window_is_resolved() -> None:
    operator = parsed(single("MAX_POOL_2D", [Given((1, 6, 4, 2))], Given((1, 3, 4, 2)), SAME_3X3))
    window = operator.window
    assert (window.pad_top, window.pad_left, window.stride_height, window.dilation_height) == (0, 1, 2, 1)


def test_what_is_not_supported_is_refused() -> None:
    with pytest.raises(ArtifactError, match="zero point 1 differ"):
        parsed(single("MAX_POOL_2D", [Given((1, 6, 4, 2))], Given((1, 3, 4, 2), 0.1, 1), SAME_3X3))
    with pytest.raises(ArtifactError, match="4 dimensions are expected"):
        parsed(single("MAX_POOL_2D", [Given((1, 6, 4))], Given((1, 3, 4)), SAME_3X3))
