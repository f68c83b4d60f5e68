"""Networks evaluated: their outputs compared with labels, whatever computes them.

    evaluate(KerasRuntime(network).run, dataset)        # on val, which gates use, and on the split that is reported

A network is any function from network inputs (N, ...) float32 to outputs, such as logits (N, H, W, 1): a Keras
model, a .tflite file on the reference kernels, or a trivial predictor that never looks at the image.
"""

from functools import reduce
from operator import add

from edge_nas.data.dataset import Dataset, ImageSet
from edge_nas.errors import DataError
from edge_nas.results.scores import AnyReport, Evaluations, Split
from edge_nas.tasks.task import Run

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
    task = images.task
    tallies = []
    for start in range(0, len(images.images), _BATCH):
        batch = slice(start, start + _BATCH)
        outputs = network(images.inputs(batch))
        tallies.append(task.count(outputs, images.labels[batch]))
    total = reduce(add, tallies)
    return task.report(total, split=split, images=len(images), split_sha256=images.sha256)
