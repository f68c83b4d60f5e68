"""Binary segmentation: which pixels are foreground? One logit per pixel, foreground where it is above 0.

Scores come from one confusion matrix over all pixels of a split; foreground is the positive class.

    IoU of the foreground = TP / (TP + FP + FN)      F1 (Dice) = 2 TP / (2 TP + FP + FN)
    IoU of the background = TN / (TN + FP + FN)      mIoU = mean of the two

A ratio 0 / 0 means that the class is absent from truth and prediction alike: the score does not exist and is None.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, Self

import numpy as np
import numpy.typing as npt

from edge_nas.core.arrays import Outputs, Pixels
from edge_nas.core.formats import score
from edge_nas.errors import ArtifactError, DataError
from edge_nas.results.scores import EvaluationReport, Metrics, Split
from edge_nas.tasks.classes import class_weights
from edge_nas.tasks.overlay import FALSE_NEGATIVE, FALSE_POSITIVE, mistakes, tinted
from edge_nas.tasks.task import (
    ClassWeights,
    ConfusionTable,
    Labels,
    ReportText,
    Run,
    Task,
    Tensor,
    TrivialPredictor,
)

# Added above and below the fraction bar: where truth and prediction are empty, Dice is 1, not 0 / 0.
_SMOOTH = 1.0


@dataclass(frozen=True)
class Confusion:
    """Pixels by truth and prediction; confusions of several batches add up."""

    true_positive: int
    false_positive: int
    false_negative: int
    true_negative: int

    def __add__(self, other: "Confusion") -> "Confusion":
        return Confusion(
            self.true_positive + other.true_positive,
            self.false_positive + other.false_positive,
            self.false_negative + other.false_negative,
            self.true_negative + other.true_negative,
        )


def count(prediction: npt.NDArray[Any], truth: Pixels) -> Confusion:
    """Returns the confusion of a prediction with the truth; a pixel is foreground where its value is > 0.

    Args:
        prediction: (N, H, W) or (N, H, W, 1): logits, of which those > 0 are foreground, or a mask of 0 and 1.
        truth: (N, H, W) uint8, 0 and 1.

    Raises:
        DataError: the shapes do not belong together.
        ArtifactError: a logit is NaN, which is neither class.
    """
    if prediction.shape not in (truth.shape, (*truth.shape, 1)):
        raise DataError(
            f"predictions of shape {prediction.shape} for masks of shape {truth.shape}; one value per pixel is expected"
        )
    invalid = int(np.isnan(prediction).sum()) if np.issubdtype(prediction.dtype, np.floating) else 0
    if invalid:
        raise ArtifactError(f"the network gave NaN for {invalid} of {prediction.size} pixels: its weights are unusable")
    foreground = prediction.reshape(truth.shape) > 0
    positive = truth > 0
    return Confusion(
        true_positive=int(np.count_nonzero(foreground & positive)),
        false_positive=int(np.count_nonzero(foreground & ~positive)),
        false_negative=int(np.count_nonzero(~foreground & positive)),
        true_negative=int(np.count_nonzero(~foreground & ~positive)),
    )


def metrics(confusion: Confusion) -> Metrics:
    """Returns the scores in [0, 1]; None for a class that is absent, which the mean then leaves out."""
    wrong = confusion.false_positive + confusion.false_negative
    foreground = _ratio(confusion.true_positive, confusion.true_positive + wrong)
    background = _ratio(confusion.true_negative, confusion.true_negative + wrong)
    existing = [iou for iou in (foreground, background) if iou is not None]
    return Metrics(
        miou=sum(existing) / len(existing) if existing else None,
        foreground_iou=foreground,
        background_iou=background,
        f1=_ratio(2 * confusion.true_positive, 2 * confusion.true_positive + wrong),
    )


def all_background(inputs: Outputs) -> Outputs:
    """Returns the logit -1 for every pixel: (N, H, W, C) to (N, H, W, 1)."""
    return np.full((*inputs.shape[:3], 1), -1.0, np.float32)


def mean_mask(train_masks: Pixels) -> Callable[[Outputs], Outputs]:
    """Returns a run that always gives the pixels that are foreground in more than half of the training masks.

    Args:
        train_masks: (N, H, W) uint8, 0 and 1.

    Raises:
        DataError: there are no masks; when run, if the inputs have another height or width.
    """
    if not len(train_masks):
        raise DataError("the mean mask needs training masks, and there are none")
    logits = np.where(train_masks.mean(axis=0) > 0.5, 1.0, -1.0).astype(np.float32)[..., np.newaxis]

    def run(inputs: Outputs) -> Outputs:
        if inputs.shape[1:3] != logits.shape[:2]:
            raise DataError(f"inputs of {inputs.shape[1:3]}, but the training masks are of {logits.shape[:2]}")
        return np.broadcast_to(logits, (len(inputs), *logits.shape))

    return run


def cross_entropy(targets: Tensor, logits: Tensor) -> Tensor:
    """Returns the mean binary cross-entropy of logits against targets in [0, 1], a scalar."""
    import tensorflow as tf

    return tf.reduce_mean(tf.nn.sigmoid_cross_entropy_with_logits(labels=targets, logits=logits))


def dice_loss(truth: Tensor, logits: Tensor) -> Tensor:
    """Returns 1 − soft Dice of the foreground over the batch, a scalar in [0, 1] (V-Net, arXiv 1606.04797)."""
    import tensorflow as tf

    probabilities = tf.sigmoid(logits)
    overlap = 2.0 * tf.reduce_sum(truth * probabilities) + _SMOOTH
    return 1.0 - overlap / (tf.reduce_sum(truth) + tf.reduce_sum(probabilities) + _SMOOTH)


@dataclass(frozen=True)
class BinarySegmentation(Task):
    """Masks of 0 (background) and 1 (foreground), (N, H, W) uint8; networks give logits (N, H, W, 1).

    Args:
        weights: of background and foreground in the loss; None: both count alike.
    """

    weights: tuple[float, ...] | None = None

    name = "binary_segmentation"
    outputs = 1
    output_kind = "logit"
    has_masks = True
    scores = Metrics
    loss_name = "cross_entropy"
    trivial = (
        TrivialPredictor("all_background", "no pixel is foreground", "a prediction of nothing but background"),
        TrivialPredictor("mean_mask", "always the mean training mask > 0.5", "the mean mask"),
    )
    report_text = ReportText(
        outputs="masks",
        counted="pixels",
        scores="mIoU is the mean of foreground and background IoU, from one confusion matrix over all pixels of the "
        "split; a pixel is foreground where its logit is above 0. The threshold is never tuned.",
        samples="By their own mIoU, from left to right: the image as the network sees it; foreground in truth; "
        "foreground of the int8 file; mistakes",
        agreement="pixels of the same class",
    )
    legend = ((FALSE_POSITIVE, "wrongly foreground"), (FALSE_NEGATIVE, "missed"))

    @classmethod
    def from_labels(cls, labels: Labels, classes: tuple[str, ...] | None) -> Self:  # noqa: ARG003 - the protocol
        """Returns the task: it is the same for all masks.

        Raises:
            DataError: all masks are of one value, from which nothing can be learnt.
        """
        if labels.size and labels.min() == labels.max():
            which = "foreground" if labels.max() else "background (0)"
            raise DataError(
                f"every pixel of every training mask is {which}: there is nothing to learn. Are the masks the right "
                "files? A mask has 0 where there is background and another value where there is what to find"
            )
        return cls()

    @classmethod
    def from_outputs(cls, outputs: int, classes: tuple[str, ...]) -> Self:  # noqa: ARG003 - the protocol
        """Returns the task of a network with one output."""
        if outputs != 1:
            raise DataError(f"binary segmentation needs 1 output per pixel, not {outputs}; is the task segmentation?")
        return cls()

    def weighted(self, weights: ClassWeights, labels: Labels) -> Self:
        """Returns the task with these weights of background and foreground."""
        counts = np.bincount(labels.reshape(-1), minlength=2)
        return replace(self, weights=class_weights(weights, ("background", "foreground"), counts))

    @classmethod
    def mask_of(cls, values: npt.NDArray[np.int32]) -> Pixels:
        """Returns 1 where a value is not 0. A mask of one value is valid: all background (0) or all foreground."""
        different = np.unique(values)
        if len(different) > 2 or (len(different) == 2 and different[0] != 0):
            more = ", ..." if len(different) > 5 else ""
            listed = ", ".join(str(value) for value in different[:5])
            raise DataError(
                f"the mask holds {len(different)} values ({listed}{more}); allowed: 0 for background and one other "
                f"value for foreground. Values that are numbers of classes: task=segmentation"
            )
        mask: Pixels = (values != 0).astype(np.uint8)
        return mask

    @classmethod
    def as_labels(cls, values: npt.NDArray[Any]) -> Labels:
        """Returns False and True, or 0 and 1 of any whole numbers, as uint8; other values as they are."""
        small = values.dtype.kind in "biu" and values.min(initial=0) >= 0 and values.max(initial=0) <= 1
        return values.astype(np.uint8) if small else values

    def check_labels(self, labels: Labels, image_shape: tuple[int, ...]) -> None:
        """Refuses masks that do not fit the images or hold another value than 0 and 1."""
        if labels.dtype != np.uint8 or labels.shape != image_shape[:-1]:
            raise DataError(
                f"masks are {labels.dtype} {labels.shape}; allowed with these images: uint8 {image_shape[:-1]}"
            )
        if labels.size and int(labels.max()) > 1:
            raise DataError(f"masks hold the value {int(labels.max())}; allowed: 0 and 1")

    def facts(self, labels: Labels) -> Mapping[str, int | float | str]:
        """Returns how many masks are all background, and the share of the foreground."""
        empty = int(np.count_nonzero(~labels.any(axis=(1, 2))))
        return {"all-background masks": empty, "foreground": float(labels.mean()) if labels.size else 0.0}

    def cautions(self, split: str, labels: Labels) -> Iterator[str]:
        """Yields a caution where nothing is foreground."""
        if not labels.any():
            yield f"No pixel of {split} is foreground, so the foreground IoU says little or is undefined."

    def loss(self, labels: Tensor, outputs: Tensor) -> Tensor:
        """Returns the mean binary cross-entropy of masks (B, H, W, 1) in {0, 1}, each pixel with its class's weight."""
        if self.weights is None:
            return cross_entropy(labels, outputs)
        import tensorflow as tf

        background, foreground = self.weights
        entropy = tf.nn.sigmoid_cross_entropy_with_logits(labels=labels, logits=outputs)
        return tf.reduce_mean((background + (foreground - background) * labels) * entropy)

    def distillation(self, teacher_outputs: Tensor, outputs: Tensor) -> Tensor:
        """Returns the mean binary cross-entropy against sigmoid(teacher logits).

        The soft-target term of Hinton et al. (arXiv 1503.02531) at temperature 1 for one logit.
        """
        import tensorflow as tf

        return cross_entropy(tf.sigmoid(teacher_outputs), outputs)

    def dice(self, labels: Tensor, outputs: Tensor) -> Tensor:
        """Returns `dice_loss`."""
        return dice_loss(labels, outputs)

    def metric(self) -> Any:
        """Returns the mIoU of masks of 0 and 1."""
        import tf_keras

        return tf_keras.metrics.BinaryIoU(target_class_ids=[0, 1], threshold=0.5, name="miou")

    def scored(self, labels: Tensor, outputs: Tensor) -> tuple[Tensor, Tensor]:
        """Returns masks, and 1 where a logit is above 0."""
        import tensorflow as tf

        return labels, tf.cast(outputs > 0, tf.float32)

    def count(self, outputs: Outputs, labels: Labels) -> Confusion:
        """Returns the confusion of logits (N, H, W, 1) with masks."""
        return count(outputs, labels)

    def report(self, tally: Confusion, *, split: Split, images: int, split_sha256: str) -> EvaluationReport:
        """Returns the pixels counted and their scores."""
        return EvaluationReport(
            split=split,
            images=images,
            true_positive=tally.true_positive,
            false_positive=tally.false_positive,
            false_negative=tally.false_negative,
            true_negative=tally.true_negative,
            metrics=metrics(tally),
            split_sha256=split_sha256,
        )

    def baselines(self, train_labels: Labels | None) -> dict[str, Run]:
        """Returns nothing but background, and the mean training mask."""
        floor: dict[str, Run] = {"all_background": all_background}
        return floor if train_labels is None else floor | {"mean_mask": mean_mask(train_labels)}

    def predict(self, outputs: Outputs) -> npt.NDArray[Any]:
        """Returns masks of 0 and 1, (N, H, W) uint8, for logits (N, H, W, 1)."""
        return (outputs[..., 0] > 0).astype(np.uint8)

    def confusion(self, report: EvaluationReport) -> ConfusionTable:
        """Returns the four counts."""
        counts = ((report.true_positive, report.false_negative), (report.false_positive, report.true_negative))
        return ConfusionTable(("foreground", "background"), counts)

    def quality(self, outputs: Outputs, labels: Labels) -> list[float]:
        """Returns the mIoU of each image; every image has pixels, so every image has one."""
        return [self._scores(label, output).miou or 0.0 for label, output in zip(labels, outputs, strict=True)]

    def pictures(self, image: Pixels, label: Labels, output: Outputs) -> dict[str, Pixels]:
        """Returns the image, its true and its predicted foreground, and the mistakes."""
        truth, mask = label > 0, output[..., 0] > 0
        return {
            "image": image,
            "truth": tinted(image, truth),
            "int8": tinted(image, mask),
            "mistakes": mistakes(image, mask, truth),
        }

    def caption(self, label: Labels, output: Outputs) -> str:
        """Returns the image's own scores."""
        scores = self._scores(label, output)
        return f"mIoU {score(scores.miou)}, foreground {score(scores.foreground_iou)}"

    def stored_mask(self, output: Outputs) -> Pixels:
        """Returns 255 where the logit is above 0, else 0."""
        return (output[..., 0] > 0).astype(np.uint8) * np.uint8(255)

    def painted(self, image: Pixels, mask: Pixels) -> Pixels:
        """Returns the image with its foreground tinted."""
        return tinted(image, mask > 0)

    def _scores(self, label: Labels, output: Outputs) -> Metrics:
        return metrics(count(output[np.newaxis], label[np.newaxis]))


def _ratio(part: int, whole: int) -> float | None:
    return part / whole if whole else None
