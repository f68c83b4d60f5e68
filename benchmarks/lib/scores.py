"""What a network scores on the validation images, as one number."""

from edge_nas.data.dataset import Dataset
from edge_nas.evaluation.evaluate import evaluate
from edge_nas.tasks.task import Run


def miou_on_val(network: Run, dataset: Dataset) -> float:
    """Returns the primary score on val, which is mIoU, [0, 1], for data with masks; 0 where it is undefined."""
    return evaluate(network, dataset).val.metrics.primary or 0.0
