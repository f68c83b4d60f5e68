import numpy as np
import pytest

from edge_nas.int8.arithmetic import dequantize, quantize


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
