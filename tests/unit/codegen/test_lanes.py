"""Two weights in one lane: they come back, and so do the sums of their products."""

import numpy as np
import pytest

from edge_nas.codegen import lanes


def test_a_word_holds_the_earlier_lane_below():
    both = lanes.packed(np.array([1, -2]), np.array([3, 127]))
    assert int(lanes.words(both)) == 0x7EFE_0301


@pytest.mark.parametrize("seed", range(5))
def test_sums_come_apart(seed):
    generator = np.random.default_rng(seed)
    first, second = generator.integers(-127, 128, (2, 512))
    codes = generator.choice([-128, 127], 512)
    both = lanes.packed(first, second)
    low_bytes = ((both + 128) & 0xFF) - 128
    np.testing.assert_array_equal(low_bytes, first)
    total = np.int64((both * codes).sum()).astype(np.int32)
    found = (total - (first * codes).sum().astype(np.int32)) >> 8
    assert found == (second * codes).sum()


def test_only_the_least_weight_beside_a_negative_one_does_not_fit():
    assert lanes.fit(np.array([[0, -1], [-128, -127]]))
    assert not lanes.fit(np.array([[-1, 0], [-128, 0]]))
    assert lanes.fit(np.array([[-128, 127], [127, 127]]))
