"""Regression: which numbers belong to the image? k values per image, as they are.

    R² of an output = 1 − Σ (value − target)² / Σ (target − mean target)²

The primary score R² is the mean over the outputs; MAE and RMSE are in the targets' own unit, over all values. Loss and
sums are taken of values less the training mean over the training deviation, so that outputs of different units count
alike, and a network that always gives the training mean has the loss 1.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
import numpy.typing as npt

from edge_nas.core.arrays import Array, Outputs, Pixels
from edge_nas.errors import ArtifactError, DataError
from edge_nas.results.scores import RegressionMetrics, RegressionReport, Split
from edge_nas.tasks.task import Labels, ReportText, Run, Task, TaskCard, Tensor, TrivialPredictor


@dataclass(frozen=True)
class Sums:
    """What R², MAE and RMSE follow from, (k,) float64 each; sums of several batches add up.

    `count`: images. `absolute`, `squared`: of the errors, in the targets' unit. `targets`, `target_squares`: of the
    targets, standardised.
    """

    count: int
    absolute: Array
    squared: Array
    targets: Array
    target_squares: Array

    def __add__(self, other: "Sums") -> "Sums":
        return Sums(
            self.count + other.count,
            self.absolute + other.absolute,
            self.squared + other.squared,
            self.targets + other.targets,
            self.target_squares + other.target_squares,
        )


@dataclass(frozen=True)
class Regression(Task):
    """Targets (N, k) float32; networks give values (N, k).

    Args:
        mean: of each output's training targets, k of them.
        deviation: standard deviation of each output's training targets (> 0), k of them.
    """

    mean: tuple[float, ...]
    deviation: tuple[float, ...]

    name = "regression"
    output_kind = "value"
    has_masks = False
    scores = RegressionMetrics
    loss_name = "squared_error"
    trivial = (TrivialPredictor("mean_target", "always the mean training target", "the mean target"),)
    report_text = ReportText(
        outputs="answers",
        counted="",
        scores="R² is 1 less the squared error as a share of the targets' variance on the split, the mean over the "
        "outputs: 0 is what the mean target of the split scores. MAE and RMSE are in the targets' own unit.",
        samples="By the error of the int8 file",
        agreement="",
    )

    @property
    def outputs(self) -> int:
        """One value per target."""
        return len(self.mean)

    @property
    def card(self) -> TaskCard:
        """The task's name."""
        return TaskCard(task=self.name)

    @classmethod
    def as_labels(cls, values: npt.NDArray[Any]) -> Labels:
        """Returns numbers as float32 and (N,) as (N, 1); other values as they are."""
        columns = values[:, np.newaxis] if values.ndim == 1 else values
        return columns.astype(np.float32) if columns.dtype.kind in "iuf" else columns

    @classmethod
    def from_labels(cls, labels: Labels, classes: tuple[str, ...] | None) -> Self:  # noqa: ARG003 - the protocol
        """Returns the task of these training targets.

        Raises:
            DataError: targets are no numbers, or one is the same for all images.
        """
        _check_targets(labels, labels.shape[1] if labels.ndim == 2 else 1, len(labels))
        targets = labels.astype(np.float64)
        varies = np.ptp(targets, axis=0) > 0
        if not varies.all():
            constant = int(np.flatnonzero(~varies)[0])
            raise DataError(
                f"target {constant} is {targets[0, constant]:g} for every training image: there is nothing to learn; "
                "leave it out"
            )
        return cls(tuple(targets.mean(axis=0).tolist()), tuple(targets.std(axis=0).tolist()))

    @classmethod
    def from_outputs(cls, outputs: int, classes: tuple[str, ...]) -> Self:  # noqa: ARG003 - the protocol
        """Returns the task of a network with so many outputs; its targets are taken as standardised."""
        return cls((0.0,) * outputs, (1.0,) * outputs)

    def check_labels(self, labels: Labels, image_shape: tuple[int, ...]) -> None:
        """Refuses labels that are not k finite float32 numbers per image."""
        _check_targets(labels, self.outputs, image_shape[0])

    def check_evaluated(self, split: str, labels: Labels) -> None:
        """Refuses a target that is the same for every image: its R² is undefined."""
        constant = np.flatnonzero(np.ptp(labels, axis=0) == 0)
        if len(constant):
            raise DataError(
                f"target {constant[0]} of {split} is {labels[0, constant[0]]:g} for every image, so its R² is "
                f"undefined; give {split} images of different targets"
            )

    def facts(self, labels: Labels) -> Mapping[str, int | float | str]:
        """Returns mean, standard deviation and range of each target."""
        if not len(labels):
            return {"mean": "", "deviation": "", "range": ""}
        ends = zip(labels.min(axis=0), labels.max(axis=0), strict=True)
        return {
            "mean": _listed(labels.mean(axis=0)),
            "deviation": _listed(labels.std(axis=0)),
            "range": ", ".join(f"{low:.4g} to {high:.4g}" for low, high in ends),
        }

    def loss(self, labels: Tensor, outputs: Tensor) -> Tensor:
        """Returns the mean squared error of standardised values, a scalar."""
        import tensorflow as tf

        return tf.reduce_mean(tf.square((outputs - labels) / tf.constant(self.deviation, tf.float32)))

    def distillation(self, teacher_outputs: Tensor, outputs: Tensor) -> Tensor:
        """Returns the mean squared error against the teacher's values (Ba and Caruana, arXiv 1312.6184, equation 1)."""
        return self.loss(teacher_outputs, outputs)

    def metric(self) -> Any:
        """Returns the R², the mean over the outputs."""
        import tf_keras

        return tf_keras.metrics.R2Score(name="r2")

    def scored(self, labels: Tensor, outputs: Tensor) -> tuple[Tensor, Tensor]:
        """Returns both standardised: the metric's sums are float32, and R² is the same."""
        import tensorflow as tf

        mean, deviation = tf.constant(self.mean, tf.float32), tf.constant(self.deviation, tf.float32)
        return (labels - mean) / deviation, (outputs - mean) / deviation

    def count(self, outputs: Outputs, labels: Labels) -> Sums:
        """Returns the sums of values (N, k) and targets (N, k)."""
        if outputs.shape != labels.shape:
            raise DataError(f"outputs of shape {outputs.shape} for targets of shape {labels.shape}; both must be equal")
        if np.isnan(outputs).any():
            raise ArtifactError(f"the network gave NaN for {int(np.isnan(outputs).sum())} of {outputs.size} values")
        targets = (labels.astype(np.float64) - self.mean) / self.deviation
        errors = outputs.astype(np.float64) - labels
        return Sums(
            len(labels),
            np.abs(errors).sum(axis=0),
            np.square(errors).sum(axis=0),
            targets.sum(axis=0),
            np.square(targets).sum(axis=0),
        )

    def report(self, tally: Sums, *, split: Split, images: int, split_sha256: str) -> RegressionReport:
        """Returns the scores."""
        variation = tally.target_squares - np.square(tally.targets) / tally.count
        # A target that does not vary leaves the rounding errors of the subtraction: R² does not exist.
        varies = variation > 1e-12 * np.maximum(1.0, tally.target_squares)
        standardised_squares = tally.squared / np.square(self.deviation)
        unexplained = standardised_squares[varies] / variation[varies]
        metrics = RegressionMetrics(
            r2=float(1.0 - unexplained.mean()) if varies.any() else None,
            mae=float(tally.absolute.mean() / tally.count),
            rmse=float(np.sqrt(tally.squared.mean() / tally.count)),
        )
        return RegressionReport(split=split, images=images, metrics=metrics, split_sha256=split_sha256)

    def baselines(self, train_labels: Labels | None) -> dict[str, Run]:
        """Returns the mean training target."""
        if train_labels is None:
            return {}
        target = np.asarray(self.mean, np.float32)
        return {"mean_target": lambda inputs: np.broadcast_to(target, (len(inputs), self.outputs))}

    def predict(self, outputs: Outputs) -> npt.NDArray[Any]:
        """Returns the values themselves."""
        return outputs

    def agreement(self, first: Outputs, second: Outputs) -> float | None:  # noqa: ARG002 - the protocol
        """Returns None: values are no classes."""
        return None

    def confusion(self, report: Any) -> None:  # noqa: ARG002 - the protocol
        """Returns None: values are no classes."""
        return

    def quality(self, outputs: Outputs, labels: Labels) -> list[float]:
        """Returns the standardised error of each image, negative."""
        errors = np.mean(np.abs(outputs - labels) / self.deviation, axis=1)
        return [-float(error) for error in errors]

    def pictures(self, image: Pixels, label: Labels, output: Outputs) -> dict[str, Pixels]:  # noqa: ARG002 - the protocol
        """Returns the image."""
        return {"image": image}

    def caption(self, label: Labels, output: Outputs) -> str:
        """Returns the targets and the values."""
        return f"{_listed(label)} in truth, int8: {_listed(output)}"

    def row(self, output: Outputs) -> dict[str, str]:
        """Returns the values, `value` where there is one, else `value_0` and so on."""
        names = ["value"] if len(output) == 1 else [f"value_{index}" for index in range(len(output))]
        return {name: f"{value:.6g}" for name, value in zip(names, output, strict=True)}


def _listed(values: npt.NDArray[np.floating[Any]]) -> str:
    return ", ".join(f"{value:.4g}" for value in values)


def _check_targets(labels: Labels, outputs: int, images: int) -> None:
    if labels.dtype != np.float32 or labels.shape != (images, outputs):
        raise DataError(
            f"targets are {labels.dtype} {labels.shape}; allowed with these images: numbers ({images}, {outputs})"
        )
    if not np.isfinite(labels).all():
        raise DataError("targets hold NaN or infinity; allowed: finite numbers")
