"""What a sample is, and the formula to network inputs."""

import numpy as np
import pytest

from edge_nas.core.preprocessing import AS_THEY_ARE, PIXELS, Preprocessing
from edge_nas.core.samples import SampleFormat, preprocessing_in_hand


@pytest.mark.parametrize(
    ("shape", "dtype", "picture", "time"),
    [
        ((96, 96, 1), "uint8", True, False),
        ((48, 64, 3), "uint8", True, False),
        ((49, 10, 1), "float32", False, True),
        ((9, 9, 4), "uint8", False, True),
        ((128, 3), "int16", False, True),
        ((640,), "float32", False, False),
    ],
)
def test_pictures_and_signals_are_told_apart(shape: tuple[int, ...], dtype: str, picture: bool, time: bool) -> None:
    kind = SampleFormat.from_data({"shape": shape, "dtype": dtype})
    assert (kind.is_picture, kind.has_time) == (picture, time)


def test_a_format_says_what_it_is_and_comes_back_from_a_file() -> None:
    kind = SampleFormat(shape=(128, 3), dtype="int16", preprocessing=Preprocessing(divisor=(2.0, 3.0, 4.0), offset=0.5))
    assert kind.described == "128 x 3 int16"
    assert SampleFormat.model_validate_json(kind.model_dump_json()) == kind


def test_channels_have_their_own_factors() -> None:
    formula = Preprocessing(divisor=(2.0, 4.0), offset=(0.0, 1.0))
    assert formula.apply(np.array([[2, 4], [-2, 8]], np.int16)).tolist() == [[1.0, 2.0], [-1.0, 3.0]]


@pytest.mark.parametrize(
    ("dtype", "formula", "expected"),
    [
        ("uint8", PIXELS, (-1.0, 1.0)),
        ("int8", Preprocessing(divisor=128.0, offset=0.0), (-1.0, 127 / 128)),
        ("uint8", Preprocessing(divisor=(255.0, 51.0), offset=(0.0, -1.0)), (-1.0, 4.0)),
        ("int16", PIXELS, None),
        ("float32", AS_THEY_ARE, None),
    ],
)
def test_bytes_have_a_range_that_is_known(
    dtype: str, formula: Preprocessing, expected: tuple[float, float] | None
) -> None:
    assert SampleFormat(shape=(4, 2), dtype=dtype, preprocessing=formula).input_range == expected  # type: ignore[arg-type]


def test_arrays_in_hand_are_pixels_where_they_are_bytes() -> None:
    assert preprocessing_in_hand("uint8") == PIXELS
    assert preprocessing_in_hand("int16") == AS_THEY_ARE
