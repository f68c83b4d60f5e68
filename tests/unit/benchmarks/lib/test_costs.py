import numpy as np

from benchmarks.lib.costs import _completed, nonnegative_least_squares


def test_coefficients_are_found_again() -> None:
    generator = np.random.default_rng(0)
    matrix = generator.integers(0, 50, (60, 5)).astype(np.float64)
    wanted = np.array([11.0, 0.0, 4.0, 28.5, 0.0])
    np.testing.assert_allclose(nonnegative_least_squares(matrix, matrix @ wanted), wanted, atol=1e-6)


def test_none_is_negative_and_columns_that_are_alike_do_no_harm() -> None:
    matrix = np.array([[1.0, 1.0, 2.0], [2.0, 2.0, 1.0], [3.0, 3.0, 3.0]])
    solution = nonnegative_least_squares(matrix, np.array([-1.0, 2.0, 1.0]))
    assert (solution >= 0).all()
    # The best of all that are not negative: nothing of the third column, and 5/14 of the first two.
    np.testing.assert_allclose(matrix @ solution, np.array([1.0, 2.0, 3.0]) * 6 / 14, atol=1e-6)


def test_a_loop_that_is_new_takes_what_known_ones_leave() -> None:
    equations = [({"pixels": 10, "calls": 1}, 104.0), ({"pixels": 10, "calls": 1, "far": 5}, 139.0)]
    assert _completed({"calls": 4.0, "pixels": 10.0}, equations) == {"calls": 4.0, "far": 7.0, "pixels": 10.0}
