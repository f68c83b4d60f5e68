"""A network judged on the splits that count: val, which gates use, and the one that is reported."""

from edge_nas.core.outputs import Baselines
from edge_nas.core.preprocessing import Preprocessing
from edge_nas.core.reports import Evaluations
from edge_nas.data.dataset import Dataset
from edge_nas.evaluation.baselines import all_background, mean_mask
from edge_nas.evaluation.evaluate import Run, evaluate


def judge(run: Run, dataset: Dataset) -> Evaluations:
    """Returns the scores of a network, (N, H, W, 3) float32 to logits, on val and on test where the data has one."""
    preprocessing = Preprocessing()
    val = evaluate(run, dataset.val, "val", preprocessing)
    split, images = dataset.reported
    return Evaluations(val=val, reported=val if split == "val" else evaluate(run, images, split, preprocessing))


def baselines(dataset: Dataset) -> Baselines:
    """Returns the scores of the trivial predictors on the reported split."""
    return Baselines(
        all_background=judge(all_background, dataset).reported,
        mean_mask=judge(mean_mask(dataset.train.masks), dataset).reported,
    )
