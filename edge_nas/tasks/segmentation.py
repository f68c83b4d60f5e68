"""Segmentation: which class is each pixel of? n logits per pixel, the class of the highest one.

Scores come from one n x n confusion matrix over all pixels of a split: mIoU, the mean of the classes' IoU, and the
share of pixels that are right.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from edge_nas.core.arrays import Outputs, Pixels
from edge_nas.core.formats import score
from edge_nas.errors import DataError
from edge_nas.results.scores import ClassesReport, SegmentationMetrics, Split
from edge_nas.tasks.classes import MAX_CLASSES, ClassTask, Counts, accuracy, ious, mean, table
from edge_nas.tasks.overlay import MISTAKE, marked, painted, palette
from edge_nas.tasks.task import Colour, Labels, ReportText, Run, Tensor, TrivialPredictor

# Added above and below the fraction bar: a class that is in neither truth nor prediction has Dice 1, not 0 / 0.
_SMOOTH = 1.0
# Hues of more classes than this cannot be told apart in a legend.
_SHOWN_COLOURS = 24


@dataclass(frozen=True)
class Segmentation(ClassTask):
    """Masks of class numbers, (N, H, W) uint8; networks give logits (N, H, W, n)."""

    name = "segmentation"
    has_masks = True
    scores = SegmentationMetrics
    trivial = (
        TrivialPredictor("majority_class", "every pixel the most frequent training class", "the most frequent class"),
        TrivialPredictor(
            "majority_mask", "each pixel the most frequent training class at its place", "the majority mask"
        ),
    )
    report_text = ReportText(
        outputs="masks",
        counted="pixels",
        scores="mIoU is the mean of the classes' IoU, from one confusion matrix over all pixels of the split; a class "
        "that is in neither truth nor prediction is left out. A pixel is of the class with the highest logit.",
        samples="By their own mIoU, from left to right: the image as the network sees it; classes in truth; classes of "
        "the int8 file; mistakes",
        agreement="pixels of the same class",
    )

    @property
    def legend(self) -> tuple[tuple[Colour, str], ...]:
        """The colours of the classes, the first ones of many."""
        named = tuple(zip(palette(len(self.classes)), self.classes, strict=True))
        return (*named[:_SHOWN_COLOURS], (MISTAKE, "wrong"))

    @classmethod
    def mask_of(cls, values: npt.NDArray[np.int32]) -> Pixels:
        """Returns the values of a mask file: each is the number of a class."""
        if values.max(initial=0) >= MAX_CLASSES:
            raise DataError(f"the mask holds the value {values.max()}; allowed: class numbers from 0 to 255")
        return values.astype(np.uint8)

    @classmethod
    def as_labels(cls, values: npt.NDArray[Any]) -> Labels:
        """Returns whole numbers as uint8, for they are masks; other values as they are."""
        small = values.dtype.kind in "iu" and values.min(initial=0) >= 0 and values.max(initial=0) < MAX_CLASSES
        return values.astype(np.uint8) if small else values

    def check_labels(self, labels: Labels, image_shape: tuple[int, ...]) -> None:
        """Refuses masks that do not fit the images or hold a class that there is not."""
        if labels.shape != image_shape[:-1]:
            raise DataError(f"masks have shape {labels.shape}; allowed with these images: {image_shape[:-1]}")
        self.check_numbers(labels, "masks")

    def dice(self, labels: Tensor, outputs: Tensor) -> Tensor:
        """Returns 1 − soft Dice, the mean over the classes, a scalar in [0, 1] (V-Net, arXiv 1606.04797)."""
        import tensorflow as tf

        probabilities = tf.nn.softmax(outputs)
        truth = tf.one_hot(tf.cast(labels[..., 0], tf.int32), self.outputs)
        all_but_classes = list(range(truth.shape.rank - 1))
        overlap = 2.0 * tf.reduce_sum(truth * probabilities, all_but_classes) + _SMOOTH
        both = tf.reduce_sum(truth, all_but_classes) + tf.reduce_sum(probabilities, all_but_classes) + _SMOOTH
        return 1.0 - tf.reduce_mean(overlap / both)

    def metric(self) -> Any:
        """Returns the mIoU over all pixels."""
        import tf_keras

        return tf_keras.metrics.MeanIoU(self.outputs, name="miou")

    def report(self, tally: Counts, *, split: Split, images: int, split_sha256: str) -> ClassesReport:
        """Returns the matrix and its scores."""
        return ClassesReport(
            split=split, images=images, confusion=table(tally), metrics=self._metrics(tally), split_sha256=split_sha256
        )

    def baselines(self, train_labels: Labels | None) -> dict[str, Run]:
        """Returns the most frequent class everywhere, and at each place."""
        if train_labels is None:
            return {}
        numbers = range(len(self.classes))
        counts_by_place = np.stack([(train_labels == number).sum(axis=0) for number in numbers])
        majority_class = counts_by_place.sum(axis=(1, 2)).argmax()
        return {
            "majority_class": self.constant(np.full(counts_by_place.shape[1:], majority_class)),
            "majority_mask": self.constant(counts_by_place.argmax(axis=0)),
        }

    def quality(self, outputs: Outputs, labels: Labels) -> list[float]:
        """Returns the mIoU of each image."""
        return [self._scores(label, output).miou or 0.0 for label, output in zip(labels, outputs, strict=True)]

    def pictures(self, image: Pixels, label: Labels, output: Outputs) -> dict[str, Pixels]:
        """Returns the image, its true and its predicted classes, and where they differ."""
        predicted = self.predict(output)
        return {
            "image": image,
            "truth": self.painted(image, label),
            "int8": self.painted(image, predicted),
            "mistakes": marked(image, predicted != label),
        }

    def caption(self, label: Labels, output: Outputs) -> str:
        """Returns the image's own scores."""
        scores = self._scores(label, output)
        return f"mIoU {score(scores.miou)}, pixel accuracy {score(scores.pixel_accuracy)}"

    def stored_mask(self, output: Outputs) -> Pixels:
        """Returns the number of each pixel's class."""
        return self.predict(output)

    def painted(self, image: Pixels, mask: Pixels) -> Pixels:
        """Returns the image with each class in its colour."""
        return painted(image, mask, palette(len(self.classes)))

    def _metrics(self, counts: Counts) -> SegmentationMetrics:
        by_class = ious(counts)
        return SegmentationMetrics(
            miou=mean(by_class),
            pixel_accuracy=accuracy(counts),
            class_iou=dict(zip(self.classes, by_class, strict=True)),
        )

    def _scores(self, label: Labels, output: Outputs) -> SegmentationMetrics:
        return self._metrics(self.count(output[np.newaxis], label[np.newaxis]))
