import math

import numpy as np
import pytest

from edge_nas.results.spread import MOST_BLOCKS, block_starts, standard_error, standard_error_of_difference


def test_of_a_mean_it_is_the_standard_error_of_the_mean() -> None:
    values = np.random.default_rng(0).normal(0.8, 0.1, 40)
    left_out = [float(np.delete(values, index).mean()) for index in range(40)]
    assert standard_error(left_out) == pytest.approx(values.std(ddof=1) / math.sqrt(40))


def test_a_constant_difference_has_no_spread() -> None:
    before = [0.5, 0.6, 0.55]
    assert standard_error_of_difference(before, [score + 0.1 for score in before]) == pytest.approx(0.0, abs=1e-12)
    assert standard_error(before) > 0.01
    assert standard_error_of_difference(before, before[:2]) is None


@pytest.mark.parametrize("left_out", [(), (0.5,), (0.5, None)])
def test_where_it_is_not_known(left_out: tuple[float | None, ...]) -> None:
    assert standard_error(left_out) is None


@pytest.mark.parametrize("count", [1, 3, 50, 51, 333])
def test_blocks_are_about_equal(count: int) -> None:
    starts = [*block_starts(count), count]
    sizes = np.diff(starts)
    assert len(sizes) == min(count, MOST_BLOCKS)
    assert sizes.min() >= 1
    assert sizes.max() - sizes.min() <= 1
