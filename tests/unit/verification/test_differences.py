import numpy as np
import pytest

from edge_nas.errors import GateError
from edge_nas.verification.differences import require_all_equal, require_equal

KINDS = ("random", "smooth", "all_min")


def test_equal_bytes_pass_in_any_shape() -> None:
    codes = np.arange(24, dtype=np.int8).reshape(3, 2, 4)
    require_equal(codes, codes.reshape(3, 8).copy(), KINDS, "it")


def test_the_first_difference_is_named() -> None:
    expected = np.zeros((3, 2, 4), np.int8)
    seen = expected.copy().reshape(3, 8)
    seen[1, 5], seen[1, 7], seen[2, 0] = -7, 1, 1
    with pytest.raises(GateError) as refused:
        require_equal(expected, seen, KINDS, "cortex-m4")
    assert str(refused.value) == (
        "cortex-m4: the output differs from the reference kernels, first in frame 1 (smooth) at index 5: expected 0, "
        "seen -7; in all 3 of 24 bytes, in 2 of 3 frames"
    )


def test_more_or_fewer_bytes_are_no_equality() -> None:
    with pytest.raises(GateError, match="it: 2 outputs of 4 bytes, the reference kernels give 2 of 5"):
        require_equal(np.zeros((2, 5), np.int8), np.zeros((2, 4), np.int8), KINDS, "it")


def test_of_several_outputs_the_one_that_differs_is_named() -> None:
    expected = [np.zeros((3, 4), np.int8), np.ones((3, 2), np.float32)]
    seen = np.concatenate([expected[0], expected[1].view(np.int8)], axis=1)
    require_all_equal(expected, seen, KINDS, "it")
    seen[2, 4:8] = np.float32(2).reshape(1).view(np.int8)
    with pytest.raises(GateError, match=r"it: output 1: .*frame 2 \(all_min\) at index 0: expected 1.0, seen 2.0"):
        require_all_equal(expected, seen, KINDS, "it")
    with pytest.raises(GateError, match="outputs of 11 bytes, the reference kernels give 12"):
        require_all_equal(expected, seen[:, :11], KINDS, "it")
