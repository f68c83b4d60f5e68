"""Classification: which class is the image of? n logits per image, the class of the highest one.

Scores come from one n x n confusion matrix over all images of a split: accuracy; balanced accuracy, the mean of the
classes' recalls; macro F1, the mean of the classes' F1.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from edge_nas.core.arrays import Outputs, Pixels
from edge_nas.errors import DataError
from edge_nas.results.scores import ClassesReport, ClassificationMetrics, Split
from edge_nas.tasks.classes import ClassTask, Counts, accuracy, f1_scores, mean, recalls, table
from edge_nas.tasks.task import Labels, ReportText, Run, TrivialPredictor


@dataclass(frozen=True)
class Classification(ClassTask):
    """Class numbers, (N,) int32; networks give logits (N, n)."""

    name = "classification"
    has_masks = False
    scores = ClassificationMetrics
    trivial = (
        TrivialPredictor("majority_class", "always the most frequent training class", "the most frequent class"),
    )
    report_text = ReportText(
        outputs="answers",
        counted="answers",
        scores="Accuracy is the share of images whose class has the highest logit; balanced accuracy is the mean of "
        "the classes' recalls, macro F1 of their F1, over the classes that occur.",
        samples="By the probability that the int8 file gives to the true class",
        agreement="images of the same class",
    )

    @classmethod
    def as_labels(cls, values: npt.NDArray[Any]) -> Labels:
        """Returns whole numbers as int32, (N, 1) as (N,); other values as they are."""
        flat = values[:, 0] if values.ndim == 2 and values.shape[1] == 1 else values
        return flat.astype(np.int32) if flat.dtype.kind in "iu" else flat

    def check_labels(self, labels: Labels, image_shape: tuple[int, ...]) -> None:
        """Refuses labels that are not one class number per image."""
        if labels.shape != image_shape[:1]:
            raise DataError(
                f"labels have shape {labels.shape}; allowed with these images: {image_shape[:1]}, a class number each"
            )
        self.check_numbers(labels, "labels")

    def metric(self) -> Any:
        """Returns the accuracy."""
        import tf_keras

        return tf_keras.metrics.Accuracy(name="accuracy")

    def report(self, tally: Counts, *, split: Split, images: int, split_sha256: str) -> ClassesReport:
        """Returns the matrix and its scores."""
        metrics = ClassificationMetrics(
            accuracy=accuracy(tally), balanced_accuracy=mean(recalls(tally)), macro_f1=mean(f1_scores(tally))
        )
        return ClassesReport(
            split=split, images=images, confusion=table(tally), metrics=metrics, split_sha256=split_sha256
        )

    def baselines(self, train_labels: Labels | None) -> dict[str, Run]:
        """Returns the most frequent training class."""
        if train_labels is None:
            return {}
        return {"majority_class": self.constant(np.asarray(np.bincount(train_labels).argmax()))}

    def quality(self, outputs: Outputs, labels: Labels) -> list[float]:
        """Returns the probability of the true class."""
        pairs = zip(outputs, labels, strict=True)
        return [float(self._probabilities(output)[label]) for output, label in pairs]

    def pictures(self, image: Pixels, label: Labels, output: Outputs) -> dict[str, Pixels]:  # noqa: ARG002 - the protocol
        """Returns the image."""
        return {"image": image}

    def caption(self, label: Labels, output: Outputs) -> str:
        """Returns the true and the predicted class."""
        predicted = self.row(output)
        return f"{self.classes[int(label)]} in truth, int8: {predicted['class']} ({predicted['confidence']})"

    def row(self, output: Outputs) -> dict[str, str]:
        """Returns the class and its probability."""
        predicted = int(output.argmax())
        confidence = self._probabilities(output)[predicted]
        return {"class": self.classes[predicted], "confidence": f"{confidence:.4f}"}

    def _probabilities(self, output: Outputs) -> npt.NDArray[np.float64]:
        """Returns softmax(logits), (n,)."""
        powers = np.exp(output.astype(np.float64) - output.max())
        probabilities: npt.NDArray[np.float64] = powers / powers.sum()
        return probabilities
