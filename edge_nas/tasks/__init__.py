"""Kinds of questions put to an image; each task is one file. Imports no TensorFlow."""

from edge_nas.core.config import TaskName
from edge_nas.tasks.binary_segmentation import BinarySegmentation
from edge_nas.tasks.classification import Classification
from edge_nas.tasks.regression import Regression
from edge_nas.tasks.segmentation import Segmentation
from edge_nas.tasks.task import Task, TaskCard

TASKS: dict[TaskName, type[Task]] = {
    kind.name: kind for kind in (BinarySegmentation, Segmentation, Classification, Regression)
}
BINARY_SEGMENTATION = BinarySegmentation()

__all__ = [
    "BINARY_SEGMENTATION",
    "TASKS",
    "BinarySegmentation",
    "Classification",
    "Regression",
    "Segmentation",
    "Task",
    "TaskCard",
]
