"""Networks evaluated: their outputs compared with labels, whatever computes them.

    evaluate(KerasRuntime(network).run, dataset)        # on val, which gates use, and on the split that is reported

A network is any function from network inputs (N, ...) float32 to outputs, such as logits (N, H, W, 1): a Keras
model, a .tflite file on the reference kernels, or a trivial predictor that never looks at the image.
"""

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from functools import reduce
from itertools import accumulate, pairwise
from operator import add

from edge_nas.data.dataset import Dataset, ImageSet
from edge_nas.errors import DataError
from edge_nas.results.scores import AnyReport, Evaluations, Split
from edge_nas.results.spread import block_starts
from edge_nas.tasks.task import Run, Tally

# Bounds the memory that float inputs take; the scores do not depend on it.
_BATCH = 64


def evaluate(network: Run, dataset: Dataset) -> Evaluations:
    """Returns the scores of a network on val, which gates use, and on test where the data has one, else val again.

    Raises:
        DataError: the outputs do not fit the labels.
        ArtifactError: an output is NaN.
    """
    val = evaluate_split(network, dataset.val, "val")
    split, images = dataset.reported
    reported = val if split == "val" else evaluate_split(network, images, split)
    return Evaluations(val=val, reported=reported)


def baselines(dataset: Dataset) -> dict[str, AnyReport]:
    """Returns the scores of the task's trivial predictors on the reported split, by the predictor's key."""
    predictors = dataset.task.baselines(dataset.train.labels)
    return {key: evaluate(predictor, dataset).reported for key, predictor in predictors.items()}


def evaluate_split(network: Run, images: ImageSet, split: Split) -> AnyReport:
    """Returns the scores of a network on all samples of a split.

    The scores follow from one tally over all images, such as one confusion matrix over all pixels: a mean of the
    scores of batches would weigh samples by the batch that they happen to lie in.

    Args:
        network: network inputs (N, ...) float32 to outputs.
        images: the split, of the network's input shape; its task says what the outputs mean.
        split: what the split is called in the report.

    Raises:
        DataError: the split is empty, or the outputs do not fit the labels.
        ArtifactError: an output is NaN.
    """
    if not len(images.images):
        raise DataError(f"split {split!r} holds no sample; nothing can be evaluated on it")
    tallies = _tallies_of_blocks(network, images)

    def reported(tally: Tally) -> AnyReport:
        return images.task.report(tally, split=split, images=len(images), split_sha256=images.sha256)

    left_out = tuple(reported(tally).metrics.primary for tally in _without_each(tallies))
    return reported(reduce(add, tallies)).model_copy(update={"left_out": left_out})


def _tallies_of_blocks(network: Run, images: ImageSet) -> list[Tally]:
    """Returns the tally of each block of a split, in order; batches that the network is given may cross blocks."""
    count = len(images.images)
    starts = block_starts(count)
    tallies: list[Tally] = [None] * len(starts)
    for first in range(0, count, _BATCH):
        last = min(first + _BATCH, count)
        outputs = network(images.inputs(slice(first, last)))
        if len(outputs) != last - first:
            raise DataError(f"{len(outputs)} outputs for {last - first} samples; one for each is expected")
        cuts = [first, *(start for start in starts if first < start < last), last]
        for begin, end in pairwise(cuts):
            tally = images.task.count(outputs[begin - first : end - first], images.labels[begin:end])
            block = bisect_right(starts, begin) - 1
            tallies[block] = tally if tallies[block] is None else tallies[block] + tally
    return tallies


def _without_each(tallies: Sequence[Tally]) -> Iterator[Tally]:
    """Yields for each of several tallies the sum of the others; nothing for a single one. Tallies only add up."""
    up_to = list(accumulate(tallies))
    from_there = list(accumulate(reversed(tallies)))[::-1]
    for block in range(len(tallies) if len(tallies) > 1 else 0):
        before, after = up_to[block - 1 : block] if block else [], from_there[block + 1 : block + 2]
        yield reduce(add, [*before, *after])
