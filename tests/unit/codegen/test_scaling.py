"""The one-step rounding equals the reference's two, wherever its preconditions hold."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge_nas.codegen.scaling import (
    Shifts,
    bias_on_shifted_codes,
    fewest_shifts,
    linear_is_exact,
    relu_shifts,
    rounded_is_exact,
    scale_linear,
    scale_relu,
    scale_rounded,
)
from edge_nas.int8.arithmetic import Multiplier, multiply_channels
from edge_nas.int8.operators.weights import Weights


def weights_of(
    taps: np.ndarray, multipliers: list[Multiplier], *, bias: list[int], zero_points: tuple[int, int], low: int = -128
) -> Weights:
    return Weights(
        weights=taps.astype(np.int8),
        bias=np.array(bias, np.int32),
        input_zero_point=zero_points[0],
        largest_sums=(2**30,) * len(taps),
        output_zero_point=zero_points[1],
        activation_min=low,
        activation_max=127,
        multipliers=tuple(multipliers),
    )


def reference(weights: Weights, taps: np.ndarray, codes: np.ndarray) -> np.ndarray:
    sums = codes @ taps.T.astype(np.int64) - weights.input_zero_point * taps.sum(axis=1) + weights.bias
    raw = multiply_channels(sums, weights.multipliers) + weights.output_zero_point
    return np.clip(raw, weights.activation_min, weights.activation_max)


multipliers = st.builds(Multiplier, st.integers(2**30, 2**31 - 1), st.integers(-12, 0))
channels = st.lists(
    st.tuples(multipliers, st.integers(-30000, 30000), st.lists(st.integers(-128, 127), min_size=4, max_size=4)),
    min_size=1,
    max_size=3,
)


@given(channels, st.integers(-128, 127), st.randoms(use_true_random=False))
def test_one_rounding_equals_two_where_outputs_are_clipped_at_zero(entries, zero_point, random):
    taps = np.array([entry[2] for entry in entries], np.int64)
    bias = [entry[1] for entry in entries]
    weights = weights_of(taps, [entry[0] for entry in entries], bias=bias, zero_points=(zero_point, -128))
    codes = np.random.default_rng(random.randrange(2**32)).integers(-128, 128, (200, 4))
    for shift in relu_shifts(weights, taps):
        scaled = scale_relu(weights, taps, shift)
        sums = (codes + 128) @ scaled.weights.T + scaled.bias
        assert np.abs(sums).max() < 2**31
        found = np.clip((((sums * scaled.multipliers) >> 32) + scaled.roundings) >> shift, 0, 255) - 128
        np.testing.assert_array_equal(found, reference(weights, taps, codes))


def test_every_accumulator_around_every_rounding_step_is_exact():
    taps = np.array([[12, -9, 1]], np.int64)
    for n in range(11):  # beyond, no sum reaches code 1
        multiplier = Multiplier(2**30 + 12345, -n)
        weights = weights_of(taps, [multiplier], bias=[0], zero_points=(-128, -128))
        accumulators = np.arange(-9 * 255, 13 * 255 + 1)
        for shift in relu_shifts(weights, taps):
            scaled = scale_relu(weights, taps, shift)
            sums = accumulators * scaled.factors + scaled.bias
            found = np.clip((((sums * scaled.multipliers[0]) >> 32) + scaled.roundings[0]) >> shift, 0, 255)
            wanted = multiply_channels(accumulators[:, np.newaxis], [multiplier])[:, 0]
            np.testing.assert_array_equal(found, np.clip(wanted, 0, 255))


@given(channels, st.integers(-128, 127), st.integers(-128, 127), st.randoms(use_true_random=False))
def test_the_linear_form_equals_the_reference_for_any_clip(entries, zero_point, output_zero_point, random):
    taps = np.array([entry[2] for entry in entries], np.int64)
    bias = [entry[1] for entry in entries]
    points = (zero_point, output_zero_point)
    weights = weights_of(taps, [entry[0] for entry in entries], bias=bias, zero_points=points, low=-100)
    if not linear_is_exact(weights, taps):
        assert any(entry[0].shift > -1 for entry in entries)
        return
    scaled = scale_linear(weights, taps)
    codes = np.random.default_rng(random.randrange(2**32)).integers(-128, 128, (200, 4))
    sums = (codes + 128) @ scaled.weights.T + scaled.bias
    high = (sums * scaled.multipliers + 2**31) >> 32
    found = np.clip((high + (high >> 63) + scaled.roundings) >> scaled.shifts, -100 + 128, 255) - 128
    np.testing.assert_array_equal(found, reference(weights, taps, codes))


@pytest.mark.parametrize("shift", [-21, -9, -1, 0, 1, 5])
@pytest.mark.parametrize("value", [2**30, 2**31 - 1, 1_518_500_249])
def test_the_rounded_form_equals_the_reference_for_any_multiplier(value, shift):
    generator = np.random.default_rng(value + shift)
    taps = generator.integers(-127, 128, (3, 9))
    multipliers = [Multiplier(value, shift), Multiplier(value, -8), Multiplier(0, 0)]
    weights = weights_of(taps, multipliers, bias=[1000, -70, 5], zero_points=(-3, 9), low=-100)
    weights = replace(weights, largest_sums=tuple((np.abs(taps).sum(axis=1) * 255 + 1000).tolist()))
    assert rounded_is_exact(weights, taps)
    scaled = scale_rounded(weights, taps)
    codes = generator.integers(-128, 128, (2000, 9))
    sums = (codes + 3) @ taps.T + weights.bias
    t = ((sums << scaled.exponents) * scaled.multipliers + 2**31) >> 32
    assert np.abs(t).max() + np.abs(scaled.roundings).max() < 2**31
    found = np.clip((t + np.where(t < 0, scaled.signs, 0) + scaled.roundings) >> scaled.shifts, -100, 127)
    np.testing.assert_array_equal(found, reference(weights, taps, codes))


def test_the_rounded_form_needs_sums_that_fit():
    weights = weights_of(np.array([[1]]), [Multiplier(2**30, 0)], bias=[0], zero_points=(0, 0))
    assert not rounded_is_exact(weights, np.array([[1]]))  # sums of up to 2^30, doubled


def test_outputs_that_are_not_clipped_at_zero_have_no_shift():
    taps = np.ones((1, 3), np.int64)
    for points, low in (((-128, -127), -127), ((-128, 3), -128), ((-128, -128), -127)):
        weights = weights_of(taps, [Multiplier(2**30, -5)], bias=[0], zero_points=points, low=low)
        assert not relu_shifts(weights, taps)
        with pytest.raises(ValueError, match="not exact"):
            scale_relu(weights, taps, 6)


def test_a_factor_above_one_has_no_fast_form():
    taps = np.ones((1, 3), np.int64)
    weights = weights_of(taps, [Multiplier(2**30, 1)], bias=[0], zero_points=(-128, -128))
    assert not relu_shifts(weights, taps)
    assert not linear_is_exact(weights, taps)
    with pytest.raises(ValueError, match="not exact"):
        scale_linear(weights, taps)


def test_weights_that_would_leave_16_bits_bound_the_shift():
    taps = np.array([[127], [1]], np.int64)
    weights = weights_of(taps, [Multiplier(2**30, -4)] * 2, bias=[0, 0], zero_points=(-128, -128))
    allowed = relu_shifts(weights, taps)
    assert set(allowed) >= {5, 6, 7, 8, 9, 10, 11}
    assert max(allowed) == 11
    assert np.abs(scale_relu(weights, taps, 11).weights).max() == 127 << 8


def test_sums_that_would_leave_32_bits_bound_the_shift():
    taps = np.full((1, 2000), 127, np.int64)
    weights = weights_of(taps, [Multiplier(2**30, -4)], bias=[0], zero_points=(-128, -128))
    assert 255 * taps.sum() << 5 < 2**31 <= 255 * taps.sum() << 6
    allowed = relu_shifts(weights, taps)
    assert set(allowed) >= {5, 6, 7, 8}
    assert max(allowed) == 8


def test_the_bias_takes_the_zero_point_in():
    taps = np.array([[2, -3]], np.int64)
    weights = weights_of(taps, [Multiplier(2**30, -4)], bias=[10], zero_points=(7, -128))
    codes = np.array([50, -20])
    assert bias_on_shifted_codes(weights, taps) + (codes + 128) @ taps[0] == 10 + (codes - 7) @ taps[0]


def test_ranges_are_met_by_the_fewest_shifts():
    assert fewest_shifts(map(Shifts, [range(3, 8), range(6, 10), (), range(9, 12)])) == (7, 9)
    assert fewest_shifts(map(Shifts, [(2, 9), (4, 9), (2, 4)])) == (4, 9)
    assert fewest_shifts([]) == ()


def test_a_shift_is_searched_for_only_where_that_can_decide():
    asked = []

    def is_exact(shift: int) -> bool:
        asked.append(shift)
        return shift != 8

    first, second = Shifts(range(3, 9), is_exact), Shifts(range(5, 12), is_exact)
    assert fewest_shifts([first, second]) == (7,)
    # 11 and 8 tell that neither set is empty; 7 that two hold it: no smaller shift, nor one of a single set, is better.
    assert sorted(asked) == [7, 7, 8, 8, 11]


def test_channels_that_give_one_code_do_not_bind_the_shift_of_the_others():
    taps = np.array([[127, -128], [3, 2]], np.int64)
    multipliers = [Multiplier(2**30 + 77, -5), Multiplier(2**30 + 5, -27)]
    weights = weights_of(taps, multipliers, bias=[100, 5 * 2**28], zero_points=(-128, -128))
    allowed = relu_shifts(weights, taps)
    assert set(allowed) >= {6, 7, 8, 9, 10, 11}
    assert max(allowed) == 11
    codes = np.random.default_rng(0).integers(-128, 128, (300, 2))
    scaled = scale_relu(weights, taps, min(allowed))
    sums = (codes + 128) @ scaled.weights.T + scaled.bias
    found = np.clip((((sums * scaled.multipliers) >> 32) + scaled.roundings) >> min(allowed), 0, 255) - 128
    np.testing.assert_array_equal(found, reference(weights, taps, codes))
    assert set(found[:, 1]) == {5 - 128}


def test_a_channel_of_few_codes_goes_with_the_shift_of_the_others():
    """Its factor is 2^-9 of the other's: no constant is an integer, but a bias with fractions is exact for all sums."""
    taps = np.array([[127, -128, 90], [101, -90, 77]], np.int64)
    multipliers = [Multiplier(2**30 + 77, -7), Multiplier(2**30 + 900_001, -16)]
    weights = weights_of(taps, multipliers, bias=[-100, 2**16], zero_points=(-128, -128))
    assert len(set(relu_shifts(weights, taps))) > 1
    lowest, highest = (2**16 + 255 * part.sum() for part in (np.minimum(taps[1], 0), np.maximum(taps[1], 0)))
    sums = np.arange(lowest, highest + 1)
    wanted = np.clip(multiply_channels(sums[:, np.newaxis], multipliers[1:])[:, 0], 0, 255)
    assert len(set(wanted.tolist())) > 1
    for shift in relu_shifts(weights, taps):
        scaled = scale_relu(weights, taps, shift)
        found = (sums - 2**16) * scaled.factors[1] + scaled.bias[1]
        assert np.abs(found).max() < 2**31
        found = ((found * scaled.multipliers[1] >> 32) + scaled.roundings[1]) >> shift
        np.testing.assert_array_equal(np.clip(found, 0, 255), wanted)


def test_without_fractions_only_the_closed_form_remains():
    taps = np.array([[127, -128, 90], [101, -90, 77]], np.int64)
    multipliers = [Multiplier(2**30 + 77, -7), Multiplier(2**30 + 900_001, -16)]
    weights = weights_of(taps, multipliers, bias=[-100, 2**16], zero_points=(-128, -128))
    assert not relu_shifts(weights, taps, fractions=False)
    alone = weights_of(taps[:1], multipliers[:1], bias=[-100], zero_points=(-128, -128))
    for shift in relu_shifts(alone, taps[:1], fractions=False):
        scaled = scale_relu(alone, taps[:1], shift)
        assert scaled.bias[0] % scaled.factors[0] == 0


def test_sums_of_taps_must_fit_as_well():
    taps = np.full((1, 9), 100, np.int64)
    weights = weights_of(taps, [Multiplier(2**30, -4)], bias=[0], zero_points=(-128, -128))
    assert max(relu_shifts(weights, taps)) == 11
    assert max(relu_shifts(weights, taps, (taps[:, :4] * 4,))) == 9
