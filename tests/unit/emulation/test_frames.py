import numpy as np
import pytest

from edge_nas.emulation.frames import KINDS, make_frames


@pytest.mark.parametrize("shape", [(5, 7, 3), (49, 10, 1), (640,)])
def test_every_kind_is_what_it_says(shape: tuple[int, ...]) -> None:
    frames = make_frames(shape, 9)
    assert frames.codes.shape == (9, *shape)
    assert frames.codes.dtype == np.int8
    assert frames.kinds == (*KINDS, "random", "smooth", "single_pixel", "random")
    assert make_frames(shape, 3).kinds == KINDS[:3]
    random, smooth, low, high, single = frames.codes[:5]
    assert (low == -128).all()
    assert (high == 127).all()
    channels = shape[-1] if len(shape) > 1 else 1
    assert np.sort(single.ravel())[-channels:].tolist() == [127] * channels
    assert (single == 127).sum() == channels
    axis = min(1, len(shape) - 1)
    steps = [np.abs(np.diff(codes.astype(int), axis=axis)).mean() for codes in (random, smooth)]
    assert steps[1] < steps[0] / 5


def test_frames_are_the_same_again_and_differ_among_each_other() -> None:
    assert (make_frames((4, 4, 3), 10).codes == make_frames((4, 4, 3), 10).codes).all()
    twice = make_frames((4, 4, 3), 10).codes
    assert (twice[0] != twice[5]).any()
    assert (twice[4] != twice[7]).any()
    many = make_frames((48, 64, 3), 100).codes.reshape(100, -1)
    assert len(np.unique(many, axis=0)) == 100
    assert (make_frames((4, 4, 3), 1, seed=1).codes != twice[:1]).any()
