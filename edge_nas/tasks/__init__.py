"""Kinds of questions put to an image; each task is one file. Imports no TensorFlow."""

from edge_nas.tasks.binary_segmentation import BinarySegmentation
from edge_nas.tasks.task import Task

BINARY_SEGMENTATION = BinarySegmentation()

__all__ = ["BINARY_SEGMENTATION", "BinarySegmentation", "Task"]
