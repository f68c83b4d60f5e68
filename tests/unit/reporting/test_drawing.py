"""Samples as pictures."""

import numpy as np
import pytest

from edge_nas.core.samples import SampleFormat
from edge_nas.reporting.drawing import HEIGHT, WIDTH, channel_colours, drawn
from edge_nas.tasks.overlay import palette

RANDOM = np.random.default_rng(0)


def kind_of(sample: np.ndarray) -> SampleFormat:
    return SampleFormat.from_data({"shape": sample.shape, "dtype": sample.dtype.name})


def test_pictures_are_shown_as_they_are() -> None:
    picture = RANDOM.integers(0, 256, (4, 6, 3), np.uint8)
    assert drawn(picture, kind_of(picture)) is picture
    grey = picture[..., :1]
    np.testing.assert_array_equal(drawn(grey, kind_of(grey)), np.repeat(grey, 3, axis=2))


@pytest.mark.parametrize(
    ("shape", "size"),
    [
        ((64, 3), (HEIGHT, WIDTH)),
        ((20,), (HEIGHT, WIDTH)),
        ((49, 10), (90, 245)),
        ((49, 10, 1), (90, 245)),
        ((8, 9, 5), (90, 256)),
    ],
)
@pytest.mark.parametrize("dtype", ["int16", "float32"])
def test_other_samples_are_drawn(shape: tuple[int, ...], size: tuple[int, int], dtype: str) -> None:
    sample = (100 * RANDOM.normal(size=shape)).astype(dtype)
    picture = drawn(sample, kind_of(sample))
    assert picture.shape == (*size, 3)
    assert picture.dtype == np.uint8
    assert len(np.unique(picture.reshape(-1, 3), axis=0)) > 2


def test_a_rising_line_goes_up_and_each_channel_has_its_colour() -> None:
    ramp = np.stack([np.arange(32), np.full(32, 31)], axis=1).astype(np.int16)
    picture = drawn(ramp, kind_of(ramp)).astype(int)
    first, second = (np.abs(picture - np.array(colour)).sum(axis=2) < 120 for colour in palette(2))
    heights = [np.flatnonzero(first[:, column]).mean() for column in (20, 128, 235)]
    assert heights == sorted(heights, reverse=True)
    assert np.flatnonzero(second.any(axis=1)).max() < 10
    assert channel_colours(kind_of(ramp)) == palette(2)
    assert channel_colours(kind_of(ramp[:, :1])) == ()


def test_a_constant_sample_is_drawn_in_the_middle() -> None:
    flat = np.full((16, 2), 7, np.int8)
    rows = np.flatnonzero((drawn(flat, kind_of(flat)) < 200).any(axis=(1, 2)))
    assert abs(rows.mean() - HEIGHT / 2) < 2
