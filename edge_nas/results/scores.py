"""What a network scores in its task: the scores, what they were counted from, and the splits they are of."""

from typing import ClassVar, Literal

from edge_nas.core.frozen import Frozen

Split = Literal["train", "val", "test"]


class Scores(Frozen):
    """What a network scores in its task; `headings` names the fields that are shown, the primary score first.

    Of every primary score more is better and 1 is perfect, so that gates, patience and charts need no direction.
    """

    headings: ClassVar[dict[str, str]] = {}

    @property
    def heading(self) -> str:
        """What the primary score is called."""
        return next(iter(self.headings.values()))

    @property
    def primary(self) -> float | None:
        """The score that gates, patience and the choice of weights act on; None where it is undefined."""
        return next(iter(self.shown.values()))

    @property
    def shown(self) -> dict[str, float | None]:
        """Every score by its heading, the primary one first."""
        return {heading: getattr(self, field) for field, heading in self.headings.items()}


class Metrics(Scores):
    """Binary segmentation scores in [0, 1]; None where a class is absent from truth and prediction alike."""

    headings: ClassVar[dict[str, str]] = {
        "miou": "mIoU",
        "foreground_iou": "foreground IoU",
        "background_iou": "background IoU",
        "f1": "F1",
    }

    miou: float | None
    foreground_iou: float | None
    background_iou: float | None
    f1: float | None


class SegmentationMetrics(Scores):
    """Segmentation scores in [0, 1]: mean IoU, share of right pixels, IoU by class; None where a class is absent."""

    headings: ClassVar[dict[str, str]] = {"miou": "mIoU", "pixel_accuracy": "pixel accuracy"}

    miou: float | None
    pixel_accuracy: float | None
    class_iou: dict[str, float | None]


class ClassificationMetrics(Scores):
    """Classification scores in [0, 1]: share of right answers; mean recall; mean F1 of the classes that occur."""

    headings: ClassVar[dict[str, str]] = {
        "accuracy": "accuracy",
        "balanced_accuracy": "balanced accuracy",
        "macro_f1": "macro F1",
    }

    accuracy: float | None
    balanced_accuracy: float | None
    macro_f1: float | None


class RegressionMetrics(Scores):
    """Regression scores: R², at most 1 and None where targets do not vary; errors in the targets' own unit."""

    headings: ClassVar[dict[str, str]] = {"r2": "R²", "mae": "MAE", "rmse": "RMSE"}

    r2: float | None
    mae: float | None
    rmse: float | None


AnyMetrics = Metrics | SegmentationMetrics | ClassificationMetrics | RegressionMetrics


class EvaluationReport(Frozen):
    """Pixels counted over a whole split, and the scores that follow from them (one confusion matrix, no averaging)."""

    split: Split
    images: int
    true_positive: int
    false_positive: int
    false_negative: int
    true_negative: int
    metrics: Metrics
    split_sha256: str


class ClassesReport(Frozen):
    """Answers counted over a whole split by true class (rows) and predicted class, and the scores that follow."""

    split: Split
    images: int
    confusion: tuple[tuple[int, ...], ...]
    metrics: SegmentationMetrics | ClassificationMetrics
    split_sha256: str


class RegressionReport(Frozen):
    """The scores of values over a whole split."""

    split: Split
    images: int
    metrics: RegressionMetrics
    split_sha256: str


AnyReport = EvaluationReport | ClassesReport | RegressionReport


class Evaluations(Frozen):
    """One network on the split that gates use (`val`) and on the one that is reported (`test`, else `val`)."""

    val: AnyReport
    reported: AnyReport
