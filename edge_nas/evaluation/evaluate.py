"""A network judged on a split: anything that maps network inputs to logits, whatever runs it."""

from collections.abc import Callable

import numpy as np
import numpy.typing as npt

from edge_nas.core.preprocessing import Preprocessing
from edge_nas.core.reports import EvaluationReport, Split
from edge_nas.data.dataset import ImageSet
from edge_nas.errors import DataError
from edge_nas.evaluation.confusion import Confusion, count, metrics

Run = Callable[[npt.NDArray[np.float32]], npt.NDArray[np.float32]]

_BATCH = 64  # bounds the memory that float inputs take; the result does not depend on it


def evaluate(run: Run, images: ImageSet, split: Split, preprocessing: Preprocessing) -> EvaluationReport:
    """Returns the scores of a network on all images of a split, from one confusion matrix over all their pixels.

    Args:
        run: network inputs (N, H, W, C) float32 to logits (N, H, W, 1); a pixel is foreground where its logit is > 0.
        images: the split, at the network's input size.
        split: what the split is called in the report.
        preprocessing: from pixels to network inputs.

    Raises:
        DataError: the split is empty, or the logits do not fit the masks.
        ArtifactError: a logit is NaN.
    """
    if not len(images.images):
        raise DataError(f"split {split!r} holds no image; nothing can be judged on it")
    total = Confusion(0, 0, 0, 0)
    for start in range(0, len(images.images), _BATCH):
        batch = slice(start, start + _BATCH)
        total += count(run(preprocessing.apply(images.images[batch])), images.masks[batch])
    return EvaluationReport(
        split=split,
        images=len(images.images),
        true_positive=total.true_positive,
        false_positive=total.false_positive,
        false_negative=total.false_negative,
        true_negative=total.true_negative,
        metrics=metrics(total),
        split_sha256=images.sha256,
    )
