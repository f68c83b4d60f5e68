"""What tasks with n classes share: names, the confusion matrix, the losses of a softmax.

    IoU of a class = TP / (TP + FP + FN)      recall = TP / (TP + FN)      F1 = 2 TP / (2 TP + FP + FN)

TP, FP and FN of a class are read off the n x n matrix of counts by truth (rows) and prediction (columns). A ratio 0 / 0
means that the class is absent: the score does not exist, and means leave the class out.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, Self

import numpy as np
import numpy.typing as npt

from edge_nas.core.arrays import Outputs, Pixels
from edge_nas.errors import ArtifactError, ConfigError, DataError
from edge_nas.results.scores import ClassesReport
from edge_nas.tasks.task import ClassWeights, ConfusionTable, Labels, Run, Task, TaskCard, Tensor

Counts = npt.NDArray[np.int64]
"""(n, n): counts by truth (rows) and prediction (columns)."""

MAX_CLASSES = 256  # numbers of classes are stored as uint8, in masks and in files
_LISTED = 8


@dataclass(frozen=True)
class ClassTask(Task):
    """A task whose outputs mean one of n classes, by n logits; labels are their numbers from 0.

    Args:
        classes: names in the order of their numbers, at least two.
        weights: of each class in the loss; None: all count alike.
    """

    classes: tuple[str, ...]
    weights: tuple[float, ...] | None = None

    output_kind = "logits"
    has_classes = True
    loss_name = "cross_entropy"

    def __post_init__(self) -> None:
        if len(self.classes) < 2 or len(set(self.classes)) < len(self.classes):
            raise DataError(f"the classes are {_listed(self.classes)}; at least two are needed, each with its own name")

    @property
    def outputs(self) -> int:
        """One logit per class."""
        return len(self.classes)

    @property
    def card(self) -> TaskCard:
        """The task's name and its classes."""
        return TaskCard(task=self.name, classes=self.classes)

    @classmethod
    def from_labels(cls, labels: Labels, classes: tuple[str, ...] | None) -> Self:
        """Returns the task of these training labels.

        Without names, classes are called by their numbers, and every number up to the highest has to occur.

        Raises:
            DataError: no whole numbers, one that does not occur, or fewer than two classes.
        """
        if classes is not None:
            return cls(classes)
        check_whole(labels, "the training labels")
        numbers = np.unique(labels).tolist()
        missing = sorted(set(range(max([0, *numbers]) + 1)) - set(numbers))
        if missing:
            raise DataError(
                f"the training labels hold the classes {_listed(numbers)}, but not {_listed(missing)}: classes "
                "are numbered from 0 without gaps; name all of them, in the order of their numbers, with data.classes, "
                "or give pixels and images that belong to none a class of their own"
            )
        return cls(tuple(str(number) for number in numbers))

    @classmethod
    def from_outputs(cls, outputs: int, classes: tuple[str, ...]) -> Self:
        """Returns the task of a network with so many outputs; without names, classes are called by their numbers."""
        return cls(classes or tuple(str(number) for number in range(outputs)))

    def weighted(self, weights: ClassWeights, labels: Labels) -> Self:
        """Returns the task with these weights in its loss."""
        return replace(self, weights=class_weights(weights, self.classes, self._counts(labels)))

    def check_numbers(self, labels: Labels, what: str) -> None:
        """Refuses labels that are no numbers of classes.

        Raises:
            DataError: dtype or range.
        """
        check_whole(labels, what)
        low, high = int(labels.min(initial=0)), int(labels.max(initial=0))
        if low < 0 or high >= len(self.classes):
            raise DataError(
                f"{what} hold the class {low if low < 0 else high}; allowed: 0 to {len(self.classes) - 1} "
                f"({_listed(self.classes)}); data.classes names the classes"
            )

    def facts(self, labels: Labels) -> Mapping[str, int | float | str]:
        """Returns how many classes occur, and the most frequent one with its share."""
        counts = self._counts(labels)
        return {
            "classes": int(np.count_nonzero(counts)),
            "most frequent": self.classes[int(counts.argmax())],
            "share of it": float(counts.max() / max(1, counts.sum())),
        }

    def cautions(self, split: str, labels: Labels) -> Iterator[str]:
        """Yields a caution where classes do not occur."""
        counts = self._counts(labels)
        missing = [name for name, count in zip(self.classes, counts, strict=True) if not count]
        if missing:
            yield f"No label of {split} is of class {_listed(missing)}: its scores say nothing of it."

    def _counts(self, labels: Labels) -> Counts:
        """Returns how often each class occurs, (n,)."""
        return np.bincount(labels.reshape(-1), minlength=len(self.classes))

    def loss(self, labels: Tensor, outputs: Tensor) -> Tensor:
        """Returns the mean cross-entropy of softmax(logits) with the true classes, each with its weight, a scalar."""
        import tensorflow as tf

        truth = tf.cast(tf.reshape(labels, tf.shape(outputs)[:-1]), tf.int32)
        entropy = tf.nn.sparse_softmax_cross_entropy_with_logits(labels=truth, logits=outputs)
        if self.weights is None:
            return tf.reduce_mean(entropy)
        return tf.reduce_mean(tf.gather(tf.constant(self.weights, tf.float32), truth) * entropy)

    def distillation(self, teacher_outputs: Tensor, outputs: Tensor) -> Tensor:
        """Returns the mean cross-entropy of softmax(logits) with softmax(teacher logits), a scalar.

        The soft-target term of Hinton et al. (arXiv 1503.02531) at temperature 1.
        """
        import tensorflow as tf

        probabilities = tf.nn.softmax(teacher_outputs)
        return tf.reduce_mean(tf.nn.softmax_cross_entropy_with_logits(labels=probabilities, logits=outputs))

    def scored(self, labels: Tensor, outputs: Tensor) -> tuple[Tensor, Tensor]:
        """Returns the true and the predicted class of each label."""
        import tensorflow as tf

        predicted = tf.argmax(outputs, axis=-1, output_type=tf.int32)
        return tf.cast(tf.reshape(labels, tf.shape(predicted)), tf.int32), predicted

    def count(self, outputs: Outputs, labels: Labels) -> Counts:
        """Returns the matrix of counts for logits (N, ..., n) and labels (N, ...)."""
        classes = len(self.classes)
        if outputs.shape != (*labels.shape, classes):
            raise DataError(
                f"outputs of shape {outputs.shape} for labels of shape {labels.shape}; {classes} values per label are "
                "expected"
            )
        invalid = int(np.isnan(outputs).sum())
        if invalid:
            raise ArtifactError(
                f"the network gave NaN for {invalid} of {outputs.size} values: its weights are unusable"
            )
        # Cell (truth, prediction) of the matrix has this place in the flat one, so that one count fills it.
        cells = labels.reshape(-1).astype(np.int64) * classes + self.predict(outputs).reshape(-1)
        return np.bincount(cells, minlength=classes**2).reshape(classes, classes)

    def predict(self, outputs: Outputs) -> npt.NDArray[Any]:
        """Returns the class of the highest logit, (N, ...) uint8; of equal logits, the first."""
        classes: Pixels = outputs.argmax(axis=-1).astype(np.uint8)
        return classes

    def confusion(self, report: ClassesReport) -> ConfusionTable:
        """Returns the matrix of counts."""
        return ConfusionTable(self.classes, report.confusion)

    def constant(self, classes: npt.NDArray[Any]) -> Run:
        """Returns a run that always gives the same classes, of shape () or (H, W): logit 1 for them, 0 for others."""
        logits = np.eye(len(self.classes), dtype=np.float32)[classes]
        return lambda inputs: np.broadcast_to(logits, (len(inputs), *self.output_shape(inputs.shape[1:])))


def class_weights(weights: ClassWeights, names: tuple[str, ...], counts: Counts) -> tuple[float, ...]:
    """Returns the weight of each class, given or from how often each occurs in training.

    Raises:
        ConfigError: another number of weights than of classes; a class to balance that does not occur.
    """
    if weights == "balanced":
        missing = [name for name, count in zip(names, counts, strict=True) if not count]
        if missing:
            raise ConfigError(
                f"data.class_weights is balanced, but no training label is of class {_listed(missing)}: give a number "
                "for each class"
            )
        return tuple(float(counts.sum() / (len(counts) * count)) for count in counts)
    if len(weights) != len(names):
        raise ConfigError(
            f"data.class_weights has {len(weights)} numbers; needed: {len(names)}, one for each of {_listed(names)}"
        )
    return tuple(weights)


def check_whole(labels: Labels, what: str) -> None:
    """Refuses labels of another dtype than whole numbers."""
    if labels.dtype.kind not in "iu":
        raise DataError(f"{what} are {labels.dtype}; allowed: whole numbers, the number of a class each")


def table(counts: Counts) -> tuple[tuple[int, ...], ...]:
    """Returns the matrix as plain numbers."""
    return tuple(tuple(row) for row in counts.tolist())


def ious(counts: Counts) -> list[float | None]:
    """Returns the IoU of each class."""
    hits = counts.diagonal()
    return _ratios(hits, counts.sum(axis=0) + counts.sum(axis=1) - hits)


def recalls(counts: Counts) -> list[float | None]:
    """Returns the recall of each class."""
    return _ratios(counts.diagonal(), counts.sum(axis=1))


def f1_scores(counts: Counts) -> list[float | None]:
    """Returns the F1 of each class."""
    return _ratios(2 * counts.diagonal(), counts.sum(axis=0) + counts.sum(axis=1))


def mean(scores: list[float | None]) -> float | None:
    """Returns the mean of the scores that exist; None where none does."""
    existing = [score for score in scores if score is not None]
    return sum(existing) / len(existing) if existing else None


def accuracy(counts: Counts) -> float | None:
    """Returns the share of labels that were predicted."""
    return _ratios(np.array([counts.trace()]), np.array([counts.sum()]))[0]


def _ratios(parts: Counts, wholes: Counts) -> list[float | None]:
    """Returns part / whole for each pair; None where the whole is 0."""
    pairs = zip(parts.tolist(), wholes.tolist(), strict=True)
    return [part / whole if whole else None for part, whole in pairs]


def _listed(entries: Any) -> str:
    names = [str(entry) for entry in entries]
    more = f" and {len(names) - _LISTED} more" if len(names) > _LISTED else ""
    return ", ".join(names[:_LISTED]) + more if names else "none"
