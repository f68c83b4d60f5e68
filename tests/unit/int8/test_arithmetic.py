import math
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge_nas.int8.arithmetic import (
    Multiplier,
    SingleMultiplier,
    dequantize,
    doubling_high_multiply,
    multiply,
    multiply_channels,
    multiply_once,
    quantize,
    quantize_multiplier,
    rounding_shift_right,
    single_multiplier,
    wrap_int32,
)


def test_halves_go_away_from_zero() -> None:
    values = np.array([0.5, 1.5, 2.5, -0.5, -1.5, -2.5, 0.49], np.float32)
    assert quantize(values, 1.0, 0).tolist() == [1, 2, 3, -1, -2, -3, 0]


def test_the_float_just_below_a_half_is_not_rounded_up() -> None:
    below = np.nextafter(np.float32(0.5), np.float32(0))
    assert quantize(np.array([below, -below]), 1.0, 0).tolist() == [0, 0]


def test_codes_are_clipped_after_the_zero_point_is_added() -> None:
    assert quantize(np.array([-1e9, -10.0, 0.0, 10.0, 1e9], np.float32), 0.1, 50).tolist() == [-128, -50, 50, 127, 127]


def test_every_code_survives_the_way_to_real_and_back() -> None:
    codes = np.arange(-128, 128).astype(np.int8)
    for scale, zero_point in ((1 / 127.5, 0), (0.0674, -35), (3.7, 127)):
        np.testing.assert_array_equal(quantize(dequantize(codes, scale, zero_point), scale, zero_point), codes)


def test_dequantize_is_scale_times_distance_from_the_zero_point() -> None:
    np.testing.assert_array_equal(dequantize(np.array([-128, 3, 127], np.int8), 0.5, 3), [-65.5, 0.0, 62.0])


@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_what_is_no_number_is_refused(bad: float) -> None:
    with pytest.raises(ValueError, match="NaN or infinity"):
        quantize(np.array([0.0, bad], np.float32), 1.0, 0)


def c_round(value: Fraction) -> int:
    """The nearest integer, halves away from zero."""
    magnitude = math.floor(abs(value) + Fraction(1, 2))
    return magnitude if value >= 0 else -magnitude


@pytest.mark.parametrize(
    ("factor", "expected"),
    [
        (1.0, Multiplier(2**30, 1)),
        (0.5, Multiplier(2**30, 0)),
        (0.75, Multiplier(3 * 2**29, 0)),
        (6.0, Multiplier(3 * 2**29, 3)),
        (0.0, Multiplier(0, 0)),
        (2.0**-40, Multiplier(0, 0)),
        (2.0**-32, Multiplier(2**30, -31)),
        (1 - 2.0**-40, Multiplier(2**30, 1)),  # rounds up to 1
    ],
)
def test_factors_in_fixed_point(factor: float, expected: Multiplier) -> None:
    assert quantize_multiplier(factor) == expected


@given(st.floats(2.0**-31, 2.0**30))
def test_fixed_point_is_as_near_as_31_bits_are(factor: float) -> None:
    multiplier = quantize_multiplier(factor)
    assert 2**30 <= multiplier.value < 2**31
    assert multiplier.value * 2.0 ** (multiplier.shift - 31) == pytest.approx(factor, rel=2.0**-31)


@pytest.mark.parametrize("factor", [-0.1, float("nan"), float("inf"), 2.0**31])
def test_factors_without_fixed_point_are_refused(factor: float) -> None:
    with pytest.raises(ValueError, match="no fixed-point form"):
        quantize_multiplier(factor)


INT32 = st.integers(-(2**31), 2**31 - 1)


@given(INT32, st.integers(1 - 2**31, 2**31 - 1))
def test_the_high_half_of_a_doubled_product_is_rounded_upwards_at_halves(a: int, b: int) -> None:
    found = int(doubling_high_multiply(np.array(a, np.int64), b))
    assert found == math.floor(Fraction(a * b, 2**31) + Fraction(1, 2))


@given(INT32, st.integers(0, 31))
def test_shifts_to_the_right_round_halves_away_from_zero(value: int, exponent: int) -> None:
    expected = c_round(Fraction(value, 2**exponent))
    assert int(rounding_shift_right(np.array(value, np.int64), exponent)) == expected
    both = rounding_shift_right(np.array([value, value], np.int64), np.array([exponent, 0]))
    assert both.tolist() == [expected, value]


def test_a_multiplication_rounds_twice() -> None:
    # 0.499...: the first rounding makes it a half, the second rounds that up.
    multiplier = Multiplier(2**31 - 1, -1)
    assert multiply(np.array([1, -1, 0], np.int64), multiplier).tolist() == [1, -1, 0]


def test_a_left_shift_wraps_as_32_bits_do() -> None:
    values = np.array([1, 2**20, -(2**20), 3 * 2**20], np.int64)
    assert multiply(values, Multiplier(2**30, 11)).tolist() == [2**10, -(2**30), -(2**30), -(2**30)]
    assert wrap_int32(np.array([2**31, -(2**31) - 1, 5], np.int64)).tolist() == [-(2**31), 2**31 - 1, 5]


def test_channels_have_their_own_factor() -> None:
    values = np.array([[100, 100], [-7, -7]], np.int64)
    found = multiply_channels(values, (Multiplier(2**30, 1), Multiplier(2**30, -1)))
    assert found.tolist() == [[100, 25], [-7, -2]]


@given(st.floats(1e-7, 3.0), st.integers(1, 2**31 - 1), st.data())
def test_one_rounding_agrees_with_float64(factor: float, largest: int, data: st.DataObject) -> None:
    multiplier = single_multiplier(factor, largest)
    assert multiplier.value * largest < 2**62
    k = data.draw(st.integers(1, 256))
    near = int((k - 0.5) / factor)
    integers = [
        n for n in (near - 1, near, near + 1, near + 2, data.draw(st.integers(0, largest))) if 0 <= n <= largest
    ]
    integers += [-n for n in integers]
    found = multiply_once(np.array(integers, np.int64)[:, np.newaxis], (multiplier,))[:, 0].tolist()
    expected = [c_round(Fraction(n * factor)) for n in integers]
    assert np.clip(found, -256, 256).tolist() == np.clip(expected, -256, 256).tolist()


@pytest.mark.parametrize("factor", [1.0, 0.5, 0.25, 2.0**-10, 3 * 2.0**-9, float(np.float32(0.1)), 1 / 3])
def test_one_rounding_agrees_everywhere_ties_included(factor: float) -> None:
    largest = min(int(300 / factor), 400_000)
    integers = np.arange(-largest, largest + 1)
    found = multiply_once(integers[:, np.newaxis], (single_multiplier(factor, largest),))[:, 0]
    products = integers * factor
    expected = np.copysign(np.floor(np.abs(products) + 0.5), products)
    np.testing.assert_array_equal(np.clip(found, -256, 256), np.clip(expected, -256, 256))


def test_factors_too_small_to_matter_give_zero() -> None:
    assert single_multiplier(1e-30, 2**31 - 1) == SingleMultiplier(0, 1)
    for factor in (0.0, -1.0, float("nan"), 2.0**31):
        with pytest.raises(ValueError, match="no fixed-point form"):
            single_multiplier(factor, 100)
