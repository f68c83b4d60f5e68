"""A network judged on the splits that count: val, which gates use, and the one that is reported."""

from edge_nas.core.preprocessing import Preprocessing
from edge_nas.data.dataset import Dataset
from edge_nas.evaluation.evaluate import evaluate
from edge_nas.results.scores import AnyReport, Evaluations
from edge_nas.tasks.task import Run


def judge(run: Run, dataset: Dataset) -> Evaluations:
    """Returns the scores of a network, (N, H, W, 3) float32 to outputs, on val and on test where the data has one."""
    preprocessing = Preprocessing()
    val = evaluate(run, dataset.val, "val", preprocessing)
    split, images = dataset.reported
    return Evaluations(val=val, reported=val if split == "val" else evaluate(run, images, split, preprocessing))


def baselines(dataset: Dataset) -> dict[str, AnyReport]:
    """Returns the scores of the task's trivial predictors on the reported split, by key."""
    runs = dataset.task.baselines(dataset.train.labels)
    return {key: judge(run, dataset).reported for key, run in runs.items()}
