"""What each stage hands on: one frozen type per stage, stored as `stage.json` in the stage's folder."""

from edge_nas.core.artifacts import Cost, ModelArtifact
from edge_nas.core.frozen import Frozen
from edge_nas.core.reports import (
    AnyParity,
    AnyReport,
    BenchmarkReport,
    EpochRecord,
    Evaluations,
    PruningPlan,
    RedundancyRecord,
    RedundancyReport,
    SparsityReport,
)


class TrainOutput(Frozen):
    """The trained network, its teacher where there was one, how training went, and what the monitor saw of it.

    `baselines`: the task's trivial predictors on the reported split, such as `all_background` and `mean_mask`.
    """

    model: ModelArtifact
    teacher: ModelArtifact | None
    history: tuple[EpochRecord, ...]
    teacher_history: tuple[EpochRecord, ...]
    decov_layer: str
    monitored: tuple[RedundancyRecord, ...]
    evaluation: Evaluations
    teacher_evaluation: Evaluations | None
    baselines: dict[str, AnyReport]
    cost: Cost


class AnalyzeOutput(Frozen):
    """The redundancy of the trained network."""

    redundancy: RedundancyReport


class PruneOutput(Frozen):
    """The narrower network after repair and after fine-tuning.

    `masked_max_abs`: largest difference between the narrowed and the masked network's logits, `masked_tolerance`
    what the gate allows. Where TFMOT sparsity was asked for, `zero_share` is the share of zeroed kernel weights and
    `dense_model` the network before; else both are None.
    """

    plan: PruningPlan
    repaired_model: ModelArtifact
    model: ModelArtifact
    dense_model: ModelArtifact | None
    history: tuple[EpochRecord, ...]
    repaired: Evaluations
    pruned: Evaluations
    masked_max_abs: float
    masked_tolerance: float
    redundancy: RedundancyReport
    zero_share: float | None


class QuantizeOutput(Frozen):
    """The int8 file, judged on the reference kernels. `drop`: primary score on val lost against the float network.

    `parity`: the fake-quantized network that was trained beside the file made of it; empty for PTQ, which has none.
    `sparsity`: where weights were zeroed.
    """

    model: ModelArtifact
    history: tuple[EpochRecord, ...]
    evaluation: Evaluations
    drop: float
    parity: tuple[AnyParity, ...]
    float_tensors: int
    sparsity: SparsityReport | None
    cost: Cost


class ExportOutput(Frozen):
    """The shipped files by name (`model.tflite`, ...), how each agrees with what it was made from, and its score."""

    artifacts: dict[str, ModelArtifact]
    parity: tuple[AnyParity, ...]
    evaluations: dict[str, AnyReport]


class BenchmarkOutput(Frozen):
    """Latencies and the facts of the machine they were taken on."""

    benchmarks: tuple[BenchmarkReport, ...]
    machine: dict[str, str]


class ReportOutput(Frozen):
    """The HTML file, relative to the run folder, and its hash."""

    path: str
    sha256: str
