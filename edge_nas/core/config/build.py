"""A whole build: its sections, and what they have to agree on."""

from collections.abc import Iterable
from typing import Annotated, Any, Literal, Self

from pydantic import Field, PrivateAttr, SerializeAsAny, create_model, model_validator

from edge_nas.core.config.data import DEFAULT_SOURCE, DataSpec
from edge_nas.core.config.delivery import BenchmarkSpec, CompileSpec, DeploySpec, ExportSpec, GatesSpec, VerifySpec
from edge_nas.core.config.model import ModelSpec
from edge_nas.core.config.pruning import AnalyzeSpec, PruneSpec
from edge_nas.core.config.quantization import QuantizeSpec
from edge_nas.core.config.search import SearchSpec
from edge_nas.core.config.training import AugmentationSpec, TrainSpec
from edge_nas.core.extensions import SOURCES, TASKS
from edge_nas.core.frozen import Frozen
from edge_nas.core.trust import FileCode


def _default_data() -> DataSpec:
    return SOURCES.get(DEFAULT_SOURCE).from_data({})


class BuildConfig(Frozen):
    """A whole build."""

    schema_version: Literal[1] = Field(default=1, description="version of this list of settings")
    name: Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$")] | None = Field(
        default=None, description="the run folder's name; null: the configuration file's stem"
    )
    seed: Annotated[int, Field(ge=0, lt=2**31)] = Field(
        default=0, description="of weights, order, augmentation and sampling; the terrain has its own"
    )
    task: str = Field(default="binary_segmentation", description="what is asked about a sample")
    data: SerializeAsAny[DataSpec] = Field(default_factory=_default_data, description="samples and labels")
    model: ModelSpec = Field(default=ModelSpec(), description="the network that is trained")
    augmentation: AugmentationSpec = Field(default=AugmentationSpec(), description="random changes of training samples")
    train: TrainSpec = Field(default=TrainSpec(), description="training of the network and its teacher")
    analyze: AnalyzeSpec = Field(default=AnalyzeSpec(), description="the redundancy report")
    prune: PruneSpec = Field(default=PruneSpec(), description="removal of channels, repair and fine-tuning")
    quantize: QuantizeSpec = Field(default=QuantizeSpec(), description="the int8 network")
    export: ExportSpec = Field(default=ExportSpec(), description="the files that are shipped")
    compile: CompileSpec = Field(default=CompileSpec(), description="the int8 network as C")
    verify: VerifySpec = Field(default=VerifySpec(), description="comparison with the reference kernels")
    benchmark: BenchmarkSpec = Field(default=BenchmarkSpec(), description="latency on this machine")
    deploy: DeploySpec = Field(default=DeploySpec(), description="the bundle for a board")
    search: SearchSpec = Field(default=SearchSpec(), description="the search for networks, no part of a build")
    gates: GatesSpec = Field(default=GatesSpec(), description="what the whole build has to come to")

    _file_code: tuple[FileCode, ...] = PrivateAttr(default=())

    @property
    def file_code(self) -> tuple[FileCode, ...]:
        """Code that a file names and that nobody trusts so far; none in a configuration made in Python."""
        return self._file_code

    def with_file_code(self, named: Iterable[FileCode]) -> Self:
        """Returns the same settings, with a note of the code among them that is a file's word only."""
        marked = self.model_copy()
        marked._file_code = tuple(named)
        return marked

    def __eq__(self, other: object) -> bool:
        """Equal settings are equal, wherever they came from."""
        return isinstance(other, BuildConfig) and dict(self) == dict(other)

    __hash__ = None  # type: ignore[assignment]  # settings hold dicts

    @model_validator(mode="after")
    def _settings_belong_to_task(self) -> "BuildConfig":
        task = TASKS.get(self.task)
        if not self.data.teaches(task):
            allowed = [name for name, source in SOURCES.items() if source.teaches(task)]
            raise ValueError(
                f"task {self.task!r} cannot be learnt from data.source {self.data.source!r}; allowed: "
                f"{', '.join(allowed)}"
            )
        if self.data.classes is not None and not task.has_classes:
            raise ValueError(f"data.classes names classes, but task {self.task!r} has none to name: leave it out")
        fits = {"train": self.train, "prune.fine_tune": self.prune.fine_tune, "quantize.fit": self.quantize.fit}
        for name, fit in fits.items():
            if fit.dice_weight > 0 and not task.has_masks:
                raise ValueError(
                    f"{name}.dice_weight is {fit.dice_weight:g}, but Dice is a loss of masks and task {self.task!r} "
                    "has none: set it to 0"
                )
        return self

    @model_validator(mode="after")
    def _limits_are_of_int8(self) -> "BuildConfig":
        budget = self.prune.budget
        if self.quantize.activations == "int8" or budget is None:
            return self
        predicted = sorted(set(budget.limits) - {"macs", "params"})
        if predicted:
            raise ValueError(
                f"prune.budget limits {', '.join(predicted)}, which are predicted for activations of 8 bits, and "
                f"quantize.activations is {self.quantize.activations!r}: limit macs or params, or set it to int8"
            )
        return self

    @model_validator(mode="after")
    def _limits_are_of_the_c_that_is_made(self) -> "BuildConfig":
        budget = self.prune.budget
        if budget is not None and budget.firmware_limits and self.compile.not_predicted:
            raise ValueError(
                f"prune.budget limits {', '.join(budget.firmware_limits)}, but {self.compile.not_predicted}: limit "
                "macs, params, flash_bytes or peak_ram_bytes, or leave that setting out"
            )
        return self


def build_config_type(data: type[DataSpec], tasks: tuple[str, ...]) -> type[BuildConfig]:
    """Returns the type of builds whose data is of one source, with its settings, and whose task is one of these.

    A file is checked against it, so that a message names what this source and these tasks allow.
    """
    fields: dict[str, Any] = {
        "task": (Literal.__getitem__(tasks), BuildConfig.model_fields["task"]),
        "data": (data, BuildConfig.model_fields["data"]),
    }
    return create_model("BuildConfig", __base__=BuildConfig, __doc__=BuildConfig.__doc__, **fields)
