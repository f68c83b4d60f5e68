"""What the stages say about a network: frozen, JSON, one type per question."""

from typing import ClassVar, Literal

from pydantic import Field

from edge_nas.core.artifacts import Cost
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


class SparsityRow(Frozen):
    """Shares [0, 1] of zeros in the kernels of convolution and dense layers, depthwise ones apart, and file sizes.

    `float_zeros`: before quantization. `trained_zeros`: after quantization-aware training, None where there was none.
    `int8_zeros`: in the int8 file, where small weights round to zero as well. `gzip_bytes`: that file compressed.
    """

    float_zeros: float
    trained_zeros: float | None
    int8_zeros: float
    file_bytes: int
    gzip_bytes: int


class SparsityReport(Frozen):
    """The network before and after TFMOT zeroed weights. Dense kernels compute zeros too: no time is gained."""

    dense: SparsityRow
    sparse: SparsityRow


class Differences(Frozen):
    """How far two runtimes agree on the same inputs, value by value.

    `exact_share` and `within_one_share` are shares of output values (within one: one LSB, or 1e-5 of a logit);
    `max_abs` and `mean_abs` are in `unit`.
    """

    reference: str
    candidate: str
    inputs: int
    exact_share: float
    within_one_share: float
    max_abs: float
    mean_abs: float
    unit: Literal["lsb", "logit"]


class ParityReport(Differences):
    """How far two runtimes agree on the masks they give for the same inputs.

    `mask_agreement` is the share of pixels with the same class; `miou` is the candidate's own score on these inputs,
    None where it was not judged.
    """

    mask_agreement: float
    miou: float | None = None

    @property
    def same_answers(self) -> float:
        """The share of answers that are the same, pixel by pixel."""
        return self.mask_agreement

    @property
    def score(self) -> float | None:
        """The candidate's own primary score."""
        return self.miou


class AnswerParity(Differences):
    """How far two runtimes agree on one answer per image.

    `same_answers` is the share of images with the same class, None where answers are no classes; `score` is the
    candidate's own primary score on these inputs, None where it was not judged.
    """

    same_answers: float | None
    score: float | None = None


AnyParity = ParityReport | AnswerParity


class LayerRedundancy(Frozen):
    """One layer's output channels, from the covariance over all positions of the calibration set.

    `spectrum`: eigenvalues of the covariance, largest first. `effective_rank`: exp of the entropy of the normalised
    eigenvalues (Roy & Vetterli 2007). `score`: mean squared off-diagonal correlation, [0, 1]. `mean_abs_correlation`:
    the same with absolute values. `r2`: per channel, the share of its variance that the other channels explain.
    `dead`: channels without variance. `suggested_width`: the fewest channels that explain 99 % of the total variance
    of all by least squares. `correlation`: the matrix of it, two digits; None above 128 channels, where it would be
    larger than all else.
    """

    name: str
    kind: str
    channels: int
    samples: int
    spectrum: tuple[float, ...]
    effective_rank: float
    score: float
    mean_abs_correlation: float
    r2: tuple[float, ...]
    dead: tuple[int, ...]
    suggested_width: int
    correlation: tuple[tuple[float, ...], ...] | None = None


class RedundancyRecord(Frozen):
    """One layer's redundancy while the network trains: on the last batch of an epoch, as in `LayerRedundancy`."""

    epoch: int
    layer: str
    score: float
    mean_abs_correlation: float
    effective_rank: float


class RedundancyReport(Frozen):
    """The redundancy of every layer with channels, in the order of the forward pass."""

    images: int
    layers: tuple[LayerRedundancy, ...]


class GroupPlan(Frozen):
    """One channel group: which of its channels stay, and the share lost as the criterion sees it.

    `predicted_error`: criterion covariance: of the readers' signal, [0, 1]; others: of the importance.
    """

    name: str
    members: tuple[str, ...]
    readers: tuple[str, ...]
    channels: int
    kept: tuple[int, ...]
    predicted_error: float


class FrozenGroup(Frozen):
    """A channel group that keeps all its channels, and why."""

    name: str
    members: tuple[str, ...]
    channels: int
    reason: str


class PruningPlan(Frozen):
    """Everything that removal did: the groups, the frozen ones with reasons, and the cost before and after.

    `ratio`: share of channels removed per group, as asked; under a budget, the share of all that came of it.
    """

    criterion: str
    ratio: float
    groups: tuple[GroupPlan, ...]
    frozen: tuple[FrozenGroup, ...]
    before: Cost
    after: Cost


class EpochRecord(Frozen):
    """One epoch of training: named losses and metrics of training and validation."""

    epoch: int
    learning_rate: float
    values: dict[str, float]


class BenchmarkReport(Frozen):
    """Latency of one runtime on one model file, batch 1: quantiles in ms over `runs` timed calls."""

    runtime: Literal["keras", "litert", "onnxruntime", "tflm", "c"]
    model: str
    threads: int
    min_ms: float
    p50_ms: float
    p90_ms: float
    runs: int = Field(gt=0)
    runtime_version: str
