import numpy as np

from edge_nas.int8.arithmetic import quantize_multiplier
from edge_nas.int8.fixed32 import exponentials, largest_difference, logarithm, reciprocal


def test_a_table_of_exponentials_is_that_of_the_reals_up_to_what_fits() -> None:
    scale = 0.05
    multiplier = quantize_multiplier(scale * 2**26)
    distances = np.arange(256)
    expected = np.where(distances <= largest_difference(multiplier), np.exp(-scale * distances), 0)
    np.testing.assert_allclose(exponentials(multiplier) / 2**31, expected, atol=1e-6)
    # Differences reach down to -31: 0.9 times 40 is beyond.
    assert exponentials(quantize_multiplier(0.9 * 2**26))[40] == 0


def test_a_reciprocal_and_a_logarithm_are_those_of_the_reals() -> None:
    values = np.random.default_rng(0).integers(0, 2**31, 1000)
    np.testing.assert_allclose(reciprocal(values) / 2**31, 1 / (1 + values / 2**31), atol=1e-8)
    sums = np.concatenate([2 ** np.arange(19, 31), np.random.default_rng(1).integers(2**19, 2**31, 1000)])
    np.testing.assert_allclose(logarithm(sums) / 2**26, np.log(sums / 2**19), atol=2e-6)
