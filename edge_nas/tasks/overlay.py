"""Masks drawn on images, for people to look at."""

import colorsys
from functools import cache
from typing import Any

import numpy as np
import numpy.typing as npt

from edge_nas.core.arrays import Pixels
from edge_nas.errors import DataError

Mask = npt.NDArray[np.bool_]

Colour = tuple[int, int, int]
"""Red, green and blue, 0 to 255."""

TINT: Colour = (255, 40, 40)
# Blue and orange are told apart by almost everybody, and neither is a colour of the tint.
FALSE_POSITIVE: Colour = (255, 160, 0)
FALSE_NEGATIVE: Colour = (40, 130, 255)
# No hue, so that it is the colour of no class.
MISTAKE: Colour = (0, 0, 0)

# Steps of the golden ratio around the circle of hues spread them evenly, however many there are (Knuth, TAOCP 3, 6.4).
_GOLDEN_STEP = 0.618034
# Saturation and brightness of the first eight classes, the next eight, and so on: what hue alone cannot tell apart.
_SHADES = ((0.85, 0.95), (0.55, 0.75), (0.95, 0.6))
_CLASSES_PER_SHADE = 8


def tinted(image: Pixels, foreground: Mask) -> Pixels:
    """Returns the image with its foreground tinted by half.

    Args:
        image: (H, W, 3) uint8.
        foreground: (H, W) bool.

    Raises:
        DataError: mask and image are not of one size.
    """
    _check(image, foreground)
    all_tinted = _mixed(image, np.array(TINT))
    return np.where(foreground[..., np.newaxis], all_tinted, image)


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
def palette(classes: int) -> tuple[Colour, ...]:
    """Returns one colour per class, RGB; the first ones are the same however many classes there are."""
    return tuple(_class_colour(number) for number in range(classes))


def _class_colour(number: int) -> Colour:
    hue = number * _GOLDEN_STEP % 1.0
    saturation, brightness = _SHADES[number // _CLASSES_PER_SHADE % len(_SHADES)]
    red, green, blue = colorsys.hsv_to_rgb(hue, saturation, brightness)
    return round(255 * red), round(255 * green), round(255 * blue)


def painted(image: Pixels, mask: Pixels, colours: tuple[Colour, ...]) -> Pixels:
    """Returns the image, each pixel mixed by half with the colour of its class.

    Args:
        image: (H, W, 3) uint8.
        mask: (H, W) uint8, numbers of colours.
        colours: RGB.

    Raises:
        DataError: mask and image are not of one size.
    """
    _check(image, mask)
    colour_of_pixel = np.array(colours)[mask]
    return _mixed(image, colour_of_pixel)


def marked(image: Pixels, wrong: Mask) -> Pixels:
    """Returns the image in pale grey, with wrong pixels black.

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


def _mixed(image: Pixels, colours: npt.NDArray[np.integer[Any]]) -> Pixels:
    """Returns the image half and half with one colour (3,), or with one for each pixel (H, W, 3), rounded down."""
    total = image.astype(np.uint16) + colours.astype(np.uint16)
    return (total // 2).astype(np.uint8)


def _pale(image: Pixels) -> Pixels:
    """Returns the image in grey, the darker half of the range left out, so that colours on it stand out."""
    grey = 128 + image.mean(axis=2, keepdims=True) / 2
    return np.repeat(grey.astype(np.uint8), 3, axis=2)


def _check(image: Pixels, mask: npt.NDArray[Any]) -> None:
    if image.shape != (*mask.shape, 3):
        raise DataError(f"a mask of {mask.shape} for an image of {image.shape}; both must have one height and width")
