"""One confusion matrix over all pixels of a split, and the scores that follow; foreground is the positive class.

    IoU of the foreground = TP / (TP + FP + FN)      F1 (Dice) = 2 TP / (2 TP + FP + FN)
    IoU of the background = TN / (TN + FP + FN)      mIoU = mean of the two

A ratio 0 / 0 means that the class is absent from truth and prediction alike: the score does not exist and is None.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from edge_nas.core.reports import Metrics
from edge_nas.errors import ArtifactError, DataError


@dataclass(frozen=True)
class Confusion:
    """Pixels by truth and prediction; confusions of several batches add up."""

    true_positive: int
    false_positive: int
    false_negative: int
    true_negative: int

    def __add__(self, other: "Confusion") -> "Confusion":
        return Confusion(
            self.true_positive + other.true_positive,
            self.false_positive + other.false_positive,
            self.false_negative + other.false_negative,
            self.true_negative + other.true_negative,
        )


def count(prediction: npt.NDArray[Any], truth: npt.NDArray[np.uint8]) -> Confusion:
    """Returns the confusion of a prediction with the truth; a pixel is foreground where its value is > 0.

    Args:
        prediction: (N, H, W) or (N, H, W, 1): logits, of which those > 0 are foreground, or a mask of 0 and 1.
        truth: (N, H, W) uint8, 0 and 1.

    Raises:
        DataError: the shapes do not belong together.
        ArtifactError: a logit is NaN, which is neither class.
    """
    if prediction.shape not in (truth.shape, (*truth.shape, 1)):
        raise DataError(
            f"predictions of shape {prediction.shape} for masks of shape {truth.shape}; one value per pixel is expected"
        )
    invalid = int(np.isnan(prediction).sum()) if np.issubdtype(prediction.dtype, np.floating) else 0
    if invalid:
        raise ArtifactError(f"the network gave NaN for {invalid} of {prediction.size} pixels: its weights are unusable")
    foreground = prediction.reshape(truth.shape) > 0
    positive = truth > 0
    return Confusion(
        true_positive=int(np.count_nonzero(foreground & positive)),
        false_positive=int(np.count_nonzero(foreground & ~positive)),
        false_negative=int(np.count_nonzero(~foreground & positive)),
        true_negative=int(np.count_nonzero(~foreground & ~positive)),
    )


def metrics(confusion: Confusion) -> Metrics:
    """Returns the scores in [0, 1]; None for a class that is absent, which the mean then leaves out."""
    wrong = confusion.false_positive + confusion.false_negative
    foreground = _ratio(confusion.true_positive, confusion.true_positive + wrong)
    background = _ratio(confusion.true_negative, confusion.true_negative + wrong)
    present = [iou for iou in (foreground, background) if iou is not None]
    return Metrics(
        miou=sum(present) / len(present) if present else None,
        foreground_iou=foreground,
        background_iou=background,
        f1=_ratio(2 * confusion.true_positive, 2 * confusion.true_positive + wrong),
    )


def _ratio(part: int, whole: int) -> float | None:
    return part / whole if whole else None
