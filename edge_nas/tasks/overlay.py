"""Masks drawn on images, for people to look at."""

import numpy as np
import numpy.typing as npt

from edge_nas.errors import DataError

Pixels = npt.NDArray[np.uint8]
Mask = npt.NDArray[np.bool_]

TINT = (255, 40, 40)
# Blue and orange are told apart by almost everybody, and neither is a colour of the tint.
FALSE_POSITIVE, FALSE_NEGATIVE = (255, 160, 0), (40, 130, 255)


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
    drawn = np.repeat((128 + image.mean(axis=2, keepdims=True) / 2).astype(np.uint8), 3, axis=2)
    drawn[foreground & ~truth] = FALSE_POSITIVE
    drawn[~foreground & truth] = FALSE_NEGATIVE
    return drawn


def _check(image: Pixels, mask: Mask) -> None:
    if image.shape != (*mask.shape, 3):
        raise DataError(f"a mask of {mask.shape} for an image of {image.shape}; both must have one height and width")
