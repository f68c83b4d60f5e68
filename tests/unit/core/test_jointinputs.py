"""Inputs of several arrays are counted and sliced as one."""

import numpy as np
import pytest

from edge_nas.core.jointinputs import JointInputs, are_finite, arrays_of, fed
from edge_nas.errors import DataError

ONE, OTHER = np.arange(8, dtype=np.float32).reshape(4, 2), np.arange(4, dtype=np.float32).reshape(4, 1)


def test_what_indexes_them_indexes_each() -> None:
    joint = JointInputs([ONE, OTHER])
    assert len(joint) == 4
    for chosen in (slice(1, 3), np.array([3, 0])):
        for array, whole in zip(joint[chosen].arrays, (ONE, OTHER), strict=True):
            np.testing.assert_array_equal(array, whole[chosen])


def test_one_array_stays_one() -> None:
    assert arrays_of(ONE) == (ONE,)
    assert fed(ONE) is ONE
    assert fed(JointInputs([ONE, OTHER])) == [ONE, OTHER]


def test_other_counts_and_numbers_that_are_none_are_found() -> None:
    with pytest.raises(DataError, match=r"hold \[3, 4\] samples; give as many of each"):
        JointInputs([ONE, OTHER[:3]])
    assert are_finite(JointInputs([ONE, OTHER]))
    assert not are_finite(JointInputs([ONE, OTHER * np.nan]))
