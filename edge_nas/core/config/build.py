"""A whole build: its sections, and what they have to agree on."""

from typing import Annotated, Literal

from pydantic import Field, model_validator

from edge_nas.core.config.data import DataSpec, SourceName, TaskName
from edge_nas.core.config.delivery import BenchmarkSpec, CompileSpec, DeploySpec, ExportSpec, VerifySpec
from edge_nas.core.config.model import ModelSpec
from edge_nas.core.config.pruning import AnalyzeSpec, PruneSpec
from edge_nas.core.config.quantization import QuantizeSpec
from edge_nas.core.config.training import AugmentationSpec, TrainSpec
from edge_nas.core.frozen import Frozen

_SOURCES: dict[TaskName, tuple[SourceName, ...]] = {
    "binary_segmentation": ("terrain", "folder", "npz", "function"),
    "segmentation": ("folder", "npz", "function"),
    "classification": ("classes", "npz", "function"),
    "regression": ("npz", "function"),
}
_WITH_MASKS = ("binary_segmentation", "segmentation")
_WITH_CLASSES = ("segmentation", "classification")


class BuildConfig(Frozen):
    """A whole build."""

    schema_version: Literal[1] = Field(default=1, description="version of this list of settings")
    name: Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$")] | None = Field(
        default=None, description="the run folder's name; null: the configuration file's stem"
    )
    seed: Annotated[int, Field(ge=0, lt=2**31)] = Field(
        default=0, description="of weights, order, augmentation and sampling; the terrain has its own"
    )
    task: TaskName = Field(default="binary_segmentation", description="what is asked about an image")
    data: DataSpec = Field(default=DataSpec(), description="images and labels")
    model: ModelSpec = Field(default=ModelSpec(), description="the network that is trained")
    augmentation: AugmentationSpec = Field(default=AugmentationSpec(), description="random changes of training images")
    train: TrainSpec = Field(default=TrainSpec(), description="training of the network and its teacher")
    analyze: AnalyzeSpec = Field(default=AnalyzeSpec(), description="the redundancy report")
    prune: PruneSpec = Field(default=PruneSpec(), description="removal of channels, repair and fine-tuning")
    quantize: QuantizeSpec = Field(default=QuantizeSpec(), description="the int8 network")
    export: ExportSpec = Field(default=ExportSpec(), description="the files that are shipped")
    compile: CompileSpec = Field(default=CompileSpec(), description="the int8 network as C")
    verify: VerifySpec = Field(default=VerifySpec(), description="comparison with the reference kernels")
    benchmark: BenchmarkSpec = Field(default=BenchmarkSpec(), description="latency on this machine")
    deploy: DeploySpec = Field(default=DeploySpec(), description="the bundle for a board")

    @model_validator(mode="after")
    def _settings_belong_to_task(self) -> "BuildConfig":
        allowed = _SOURCES[self.task]
        if self.data.source not in allowed:
            raise ValueError(
                f"task {self.task!r} cannot be learnt from data.source {self.data.source!r}; allowed: "
                f"{', '.join(allowed)}"
            )
        if self.data.classes is not None and self.task not in _WITH_CLASSES:
            raise ValueError(f"data.classes names classes, but task {self.task!r} has none to name: leave it out")
        fits = {"train": self.train, "prune.fine_tune": self.prune.fine_tune, "quantize.fit": self.quantize.fit}
        for name, fit in fits.items():
            if fit.dice_weight > 0 and self.task not in _WITH_MASKS:
                raise ValueError(
                    f"{name}.dice_weight is {fit.dice_weight:g}, but Dice is a loss of masks and task {self.task!r} "
                    "has none: set it to 0"
                )
        return self
