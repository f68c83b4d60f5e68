"""Masks drawn on images, for people to look at."""

import colorsys
from functools import cache
from typing import Any

import numpy as np
import numpy.typing as npt

from edge_nas.errors import DataError

Pixels = npt.NDArray[np.uint8]
Mask = npt.NDArray[np.bool_]

TINT = (255, 40, 40)
# Blue and orange are told apart by almost everybody, and neither is a colour of the tint.
FALSE_POSITIVE, FALSE_NEGATIVE = (255, 160, 0), (40, 130, 255)
MISTAKE = (255, 40, 40)
_GOLDEN = 0.618034  # steps of it spread hues evenly, however many there are


def tinted(image: Pixels, foreground: Mask) -> Pixels:
    """Returns the image with its foreground tinted by half.

    Args:
        image: (H, W, 3) uint8.
        foreground: (H, W) bool.

    Raises:
        DataError: mask and image are not of one size.
    """
    _check(image, foreground)
    half = ((image.astype(np.uint16) + np.array(TINT, np.uint16)) // 2).astype(np.uint8)
    return np.where(foreground[..., np.newaxis], half, image)


def mistakes(image: Pixels, foreground: Mask, truth: Mask) -> Pixels:
    """Returns the image in pale grey, with pixels that are wrongly foreground orange and those missed blue.

    Args:
        image: (H, W, 3) uint8.
        foreground: (H, W) bool, the prediction.
        truth: (H, W) bool.

    Raises:
        DataError: a mask and the image are not of one size.
    """
    for mask in (foreground, truth):
        _check(image, mask)
    drawn = _pale(image)
    drawn[foreground & ~truth] = FALSE_POSITIVE
    drawn[~foreground & truth] = FALSE_NEGATIVE
    return drawn


@cache
def palette(classes: int) -> tuple[tuple[int, int, int], ...]:
    """Returns one colour per class, RGB; the first ones are the same however many classes there are."""
    shades = ((0.85, 0.95), (0.55, 0.75), (0.95, 0.6))
    hsv = ((number * _GOLDEN % 1.0, *shades[number // 8 % 3]) for number in range(classes))
    rgb = (colorsys.hsv_to_rgb(*colour) for colour in hsv)
    return tuple((round(255 * red), round(255 * green), round(255 * blue)) for red, green, blue in rgb)


def painted(image: Pixels, mask: Pixels, colours: tuple[tuple[int, int, int], ...]) -> Pixels:
    """Returns the image, each pixel mixed by half with the colour of its class.

    Args:
        image: (H, W, 3) uint8.
        mask: (H, W) uint8, numbers of colours.
        colours: RGB.

    Raises:
        DataError: mask and image are not of one size.
    """
    _check(image, mask)
    return ((image.astype(np.uint16) + np.array(colours, np.uint16)[mask]) // 2).astype(np.uint8)


def marked(image: Pixels, wrong: Mask) -> Pixels:
    """Returns the image in pale grey, with wrong pixels red.

    Args:
        image: (H, W, 3) uint8.
        wrong: (H, W) bool.

    Raises:
        DataError: mask and image are not of one size.
    """
    _check(image, wrong)
    drawn = _pale(image)
    drawn[wrong] = MISTAKE
    return drawn


def _pale(image: Pixels) -> Pixels:
    return np.repeat((128 + image.mean(axis=2, keepdims=True) / 2).astype(np.uint8), 3, axis=2)


def _check(image: Pixels, mask: npt.NDArray[Any]) -> None:
    if image.shape != (*mask.shape, 3):
        raise DataError(f"a mask of {mask.shape} for an image of {image.shape}; both must have one height and width")
