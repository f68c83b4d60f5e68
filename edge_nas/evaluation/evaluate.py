"""A network judged on a split: anything that maps network inputs to outputs, whatever runs it."""

from functools import reduce
from operator import add

from edge_nas.core.preprocessing import Preprocessing
from edge_nas.data.dataset import ImageSet
from edge_nas.errors import DataError
from edge_nas.results.scores import AnyReport, Split
from edge_nas.tasks.task import Run

_BATCH = 64  # bounds the memory that float inputs take; the result does not depend on it


def evaluate(run: Run, images: ImageSet, split: Split, preprocessing: Preprocessing) -> AnyReport:
    """Returns the scores of a network on all images of a split: one tally over all of them, no averaging of batches.

    Args:
        run: network inputs (N, H, W, C) float32 to outputs, such as logits (N, H, W, 1).
        images: the split, at the network's input size; its task says what the outputs mean.
        split: what the split is called in the report.
        preprocessing: from pixels to network inputs.

    Raises:
        DataError: the split is empty, or the outputs do not fit the labels.
        ArtifactError: an output is NaN.
    """
    if not len(images.images):
        raise DataError(f"split {split!r} holds no image; nothing can be judged on it")
    task, tallies = images.task, []
    for start in range(0, len(images.images), _BATCH):
        batch = slice(start, start + _BATCH)
        tallies.append(task.count(run(preprocessing.apply(images.images[batch])), images.labels[batch]))
    total = reduce(add, tallies)
    return task.report(total, split=split, images=len(images), split_sha256=images.sha256)
