"""How much a score depends on which images happened to be in the split: its standard error.

The images of a split are cut into up to 50 blocks, and the primary score is taken without each of them. From these
follows the standard error by the delete-a-group jackknife (Kott, Journal of Official Statistics 17, 2001):

    sqrt((g - 1) / g * sum over blocks of (score without the block - their mean)²)

It holds for scores that are no mean over images, such as an mIoU of one confusion matrix, and needs no random numbers.
Of two networks on the same images the same is done with the difference of their scores, which varies less than either.
"""

import math
from collections.abc import Sequence

MOST_BLOCKS = 50
"""The error of a standard error from 50 blocks is a tenth of it, which is enough for a decision."""

LeftOut = Sequence[float | None]
"""The primary score without each block; None where it is undefined there."""


def block_starts(count: int) -> tuple[int, ...]:
    """Returns the index of the first image of each block, for so many images."""
    blocks = min(count, MOST_BLOCKS)
    return tuple(block * count // blocks for block in range(blocks))


def standard_error(left_out: LeftOut) -> float | None:
    """Returns the standard error of a score; None where it is undefined somewhere, or there is one block."""
    scores = [score for score in left_out if score is not None]
    blocks = len(scores)
    if blocks < 2 or blocks < len(left_out):
        return None
    mean = math.fsum(scores) / blocks
    return math.sqrt((blocks - 1) / blocks * math.fsum((score - mean) ** 2 for score in scores))


def standard_error_of_difference(before: LeftOut, after: LeftOut) -> float | None:
    """Returns the standard error of the difference of two scores on the same images; None as `standard_error`."""
    if len(before) != len(after):
        return None
    pairs = zip(before, after, strict=True)
    return standard_error([None if was is None or now is None else now - was for was, now in pairs])
