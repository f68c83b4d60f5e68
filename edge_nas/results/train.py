"""What stage train hands on: the trained network, how training went, and how good it is."""

from edge_nas.core.frozen import Frozen
from edge_nas.results.artifacts import Cost, ModelArtifact
from edge_nas.results.redundancy import RedundancyRecord
from edge_nas.results.scores import AnyReport, Evaluations


class EpochRecord(Frozen):
    """One epoch of training: named losses and metrics of training and validation."""

    epoch: int
    learning_rate: float
    values: dict[str, float]


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
