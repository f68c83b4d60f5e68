"""Kinds of questions put to an image; each task is one file. Imports no TensorFlow.

`TASKS` finds them by name, those of other packages as well (entry points `edge_nas.tasks`).
"""

from edge_nas.core.extensions import TASKS
from edge_nas.tasks.binary_segmentation import BinarySegmentation
from edge_nas.tasks.classification import Classification
from edge_nas.tasks.regression import Regression
from edge_nas.tasks.segmentation import Segmentation
from edge_nas.tasks.task import Task, TaskCard

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
