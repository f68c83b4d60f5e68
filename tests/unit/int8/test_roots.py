import numpy as np

from edge_nas.int8.roots import inverse_square_root


def test_a_root_is_that_of_the_reals() -> None:
    values = np.concatenate(
        [np.arange(2, 300), 2 ** np.arange(9, 31), np.random.default_rng(0).integers(2, 2**31, 500)]
    )
    multipliers, shifts = inverse_square_root(values)
    assert shifts.max() <= 0
    np.testing.assert_allclose(multipliers * 2.0 ** (shifts - 31), values**-0.5, rtol=2e-6)  # five steps from 1


def test_nothing_counts_as_one() -> None:
    multipliers, shifts = inverse_square_root(np.array([0, 1]))
    assert multipliers.tolist() == [2**31 - 1] * 2
    assert shifts.tolist() == [0, 0]
