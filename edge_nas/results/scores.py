"""What a network scores in its task: the scores, what they were counted from, and the splits they are of."""

from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal

from pydantic import SerializeAsAny, ValidationError, WrapValidator

from edge_nas.core.frozen import Frozen

Split = Literal["train", "val", "test"]


class Scores(Frozen):
    """What a network scores in its task; `headings` names the fields that are shown, the primary score first.

    A task of another package derives its own; what is stored is read back as the kind that has exactly its fields.

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


def _every_kind(base: type[Frozen]) -> Iterator[type[Frozen]]:
    """Yields the types derived from one, those of other packages included."""
    for kind in base.__subclasses__():
        yield kind
        yield from _every_kind(kind)


def _open_union(base: type[Frozen]) -> Any:
    """Returns the validator of a union that is open: data is of the first kind of `base` that has exactly its fields.

    What fits none goes on to the closed union of our own kinds, whose message and JSON schema name them.
    """

    def validate(value: Any, closed_union: Callable[[Any], Any]) -> Any:
        if isinstance(value, base):
            return value
        for kind in (*_every_kind(base), base):
            if isinstance(value, dict) and set(value) == set(kind.model_fields):
                with suppress(ValidationError):
                    return kind.model_validate(value)
        return closed_union(value)

    return WrapValidator(validate)


if TYPE_CHECKING:
    AnyMetrics = Scores
else:
    _OwnMetrics = Metrics | SegmentationMetrics | ClassificationMetrics | RegressionMetrics
    AnyMetrics = SerializeAsAny[Annotated[_OwnMetrics, _open_union(Scores)]]
    """Scores of any task, ours or of another package."""


class SplitReport(Frozen):
    """What a network scores over a whole split.

    A task of another package returns this one with scores of its own, or derives a kind with more fields.

    Args:
        split: which one.
        images: how many it holds.
        metrics: the scores.
        split_sha256: of its images, labels and names.
        left_out: the primary score without each block of images (`edge_nas.results.spread`); empty: it was not taken.
    """

    split: Split
    images: int
    metrics: AnyMetrics
    split_sha256: str
    left_out: tuple[float | None, ...] = ()


class EvaluationReport(SplitReport):
    """Pixels counted over a whole split, and the scores that follow from them (one confusion matrix, no averaging)."""

    true_positive: int
    false_positive: int
    false_negative: int
    true_negative: int
    metrics: Metrics


class ClassesReport(SplitReport):
    """Answers counted over a whole split by true class (rows) and predicted class, and the scores that follow."""

    confusion: tuple[tuple[int, ...], ...]
    metrics: SegmentationMetrics | ClassificationMetrics


class RegressionReport(SplitReport):
    """The scores of values over a whole split."""

    metrics: RegressionMetrics


if TYPE_CHECKING:
    AnyReport = SplitReport
else:
    _OwnReport = EvaluationReport | ClassesReport | RegressionReport
    AnyReport = SerializeAsAny[Annotated[_OwnReport, _open_union(SplitReport)]]
    """The report of any task, ours or of another package."""


class Evaluations(Frozen):
    """One network on the split that gates use (`val`) and on the one that is reported (`test`, else `val`)."""

    val: AnyReport
    reported: AnyReport
