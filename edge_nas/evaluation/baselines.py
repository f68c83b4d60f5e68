"""What a predictor scores that never looks at the image: the floor beside every score.

Both are runs for `evaluate`: they take network inputs and give logits of +1 (foreground) or -1 (background).
"""

from collections.abc import Callable

import numpy as np
import numpy.typing as npt

from edge_nas.errors import DataError

Floats = npt.NDArray[np.float32]


def all_background(inputs: Floats) -> Floats:
    """Returns the logit -1 for every pixel: (N, H, W, C) to (N, H, W, 1)."""
    return np.full((*inputs.shape[:3], 1), -1.0, np.float32)


def mean_mask(train_masks: npt.NDArray[np.uint8]) -> Callable[[Floats], Floats]:
    """Returns a run that always gives the pixels that are foreground in more than half of the training masks.

    Args:
        train_masks: (N, H, W) uint8, 0 and 1.

    Raises:
        DataError: there are no masks; when run, if the inputs have another height or width.
    """
    if not len(train_masks):
        raise DataError("the mean mask needs training masks, and there are none")
    logits = np.where(train_masks.mean(axis=0) > 0.5, 1.0, -1.0).astype(np.float32)[..., np.newaxis]

    def run(inputs: Floats) -> Floats:
        if inputs.shape[1:3] != logits.shape[:2]:
            raise DataError(f"inputs of {inputs.shape[1:3]}, but the training masks are of {logits.shape[:2]}")
        return np.broadcast_to(logits, (len(inputs), *logits.shape))

    return run
