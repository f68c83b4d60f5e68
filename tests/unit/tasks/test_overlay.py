"""Masks drawn on images."""

import numpy as np
import pytest

from edge_nas.errors import DataError
from edge_nas.tasks.overlay import FALSE_NEGATIVE, FALSE_POSITIVE, mistakes, tinted

IMAGE = np.full((2, 2, 3), (10, 100, 200), np.uint8)
TRUTH = np.array([[True, True], [False, False]])
MASK = np.array([[True, False], [True, False]])


def test_the_foreground_is_tinted_by_half() -> None:
    drawn = tinted(IMAGE, TRUTH)
    assert drawn.dtype == np.uint8
    assert drawn[0].tolist() == [[132, 70, 120]] * 2
    assert drawn[1].tolist() == [[10, 100, 200]] * 2


def test_mistakes() -> None:
    drawn = mistakes(IMAGE, MASK, TRUTH)
    assert tuple(drawn[0, 1]) == FALSE_NEGATIVE
    assert tuple(drawn[1, 0]) == FALSE_POSITIVE
    # What is right is grey, whichever class it is.
    assert drawn[0, 0].tolist() == drawn[1, 1].tolist() == [179] * 3


def test_sizes_that_differ() -> None:
    with pytest.raises(DataError, match=r"a mask of \(1, 2\) for an image of \(2, 2, 3\)"):
        tinted(IMAGE, TRUTH[:1])
    with pytest.raises(DataError, match="one height and width"):
        mistakes(IMAGE, MASK, TRUTH[:, :1])
