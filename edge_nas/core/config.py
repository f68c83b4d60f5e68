"""Every setting of a build, its default, its range and its meaning: one frozen spec per stage."""

from typing import Annotated, Any, Literal

from pydantic import Field, field_validator, model_validator

from edge_nas.core.frozen import Frozen

Share = Annotated[float, Field(ge=0.0, le=1.0)]
Positive = Annotated[int, Field(ge=1)]
Weight = Annotated[float, Field(ge=0.0)]
Rounding = Literal["nearest", "covariance"]
Optimize = Literal["speed", "size"]

TaskName = Literal["binary_segmentation", "segmentation", "classification", "regression"]
SourceName = Literal["terrain", "folder", "classes", "npz", "function"]

_SOURCES: dict[TaskName, tuple[SourceName, ...]] = {
    "binary_segmentation": ("terrain", "folder", "npz", "function"),
    "segmentation": ("folder", "npz", "function"),
    "classification": ("classes", "npz", "function"),
    "regression": ("npz", "function"),
}
_WITH_MASKS = ("binary_segmentation", "segmentation")
_WITH_CLASSES = ("segmentation", "classification")
_WITH_ROOT = ("folder", "classes", "npz")


class TerrainSpec(Frozen):
    """The built-in procedural terrain: how many scenes per split, and their seed (not the training seed)."""

    train_images: Positive = 400
    val_images: Positive = 100
    test_images: Positive = 100
    seed: Annotated[int, Field(ge=0)] = 0


class DataSpec(Frozen):
    """Where images and labels come from.

    `root` holds {train,val[,test]}/{img,mask} of source `folder`, {train,val[,test]}/CLASS of `classes`,
    {train,val[,test]}.npz of `npz`.
    """

    source: SourceName = "terrain"
    root: str | None = None
    function: str | None = Field(default=None, description="module:function, for source `function`")
    arguments: dict[str, Any] = Field(default={}, description="of the function")
    classes: tuple[str, ...] | None = Field(
        default=None, description="names of the classes, in the order of their numbers; null: as the data says"
    )
    input_shape: tuple[Positive, Positive, Positive] = (48, 64, 3)
    holdout_group: str | None = Field(
        default=None, description="train without this group of groups.csv and validate on it"
    )
    calibration_images: Positive | None = Field(default=None, description="training images for statistics; null: all")
    terrain: TerrainSpec = TerrainSpec()

    @model_validator(mode="after")
    def _place_belongs_to_source(self) -> "DataSpec":
        if self.source in _WITH_ROOT and self.root is None:
            raise ValueError(f"source {self.source!r} needs data.root, the folder that holds train and val")
        if self.source not in _WITH_ROOT and self.root is not None:
            raise ValueError(
                f"data.root is given but data.source is {self.source!r}: set data.source to folder, classes or npz"
            )
        if self.source == "function" and self.function is None:
            raise ValueError("source 'function' needs data.function, written module:function")
        if self.source != "function" and (self.function is not None or self.arguments):
            raise ValueError(f"data.function belongs to source 'function', but data.source is {self.source!r}")
        return self

    @field_validator("input_shape")
    @classmethod
    def _rgb(cls, shape: tuple[int, int, int]) -> tuple[int, int, int]:
        if shape[2] != 3:
            raise ValueError(f"images are RGB: the last of (height, width, channels) must be 3, not {shape[2]}")
        return shape


class ModelSpec(Frozen):
    """A model: registered, in a file, or made by a function of the user's.

    A model from a file keeps its weights: training goes on from there.
    """

    name: str = Field(
        default="nano_u", description="a registered model, a .npz, .keras or .h5 file, a run folder, or module:function"
    )
    arguments: dict[str, Any] = Field(default={}, description="of a registered model, or of module:function")
    custom_objects: tuple[str, ...] = Field(default=(), description="module:Class each, which a Keras file may name")
    trust: bool = Field(default=False, description="run code that came with the file, such as Lambda layers")

    @property
    def sources(self) -> tuple[str, ...]:
        """All names behind which files may stand."""
        return (self.name, *self.custom_objects)


class AugmentationSpec(Frozen):
    """Random changes of each training image, drawn anew every epoch."""

    flip: bool = Field(default=True, description="mirror left and right, every other image")
    crop: Share = Field(default=0.25, description="largest share of each side cut away before scaling back up")
    brightness: Share = Field(default=0.2, description="largest shift, as a share of the pixel range")
    contrast: Share = Field(default=0.2, description="largest change of contrast, as a share")
    colour: Share = Field(default=0.1, description="largest change of each colour channel's gain, as a share")


class FitSpec(Frozen):
    """One training run: Adam, cosine decay to zero after a linear warm-up of 5 % of the steps.

    The loss is (1 - distillation_weight) * task loss + distillation_weight * distance from the teacher
    + dice_weight * Dice + decov_weight * DeCov(output features) + the sum over decov_layers of weight * DeCov(layer).
    The task loss is a cross-entropy, of regression a squared error; the files of edge_nas.tasks have the formulas.
    """

    epochs: Annotated[int, Field(ge=0)] = 60
    batch_size: Positive = 16
    learning_rate: Annotated[float, Field(gt=0.0, le=1.0)] = 6e-3
    decov_weight: Weight = 0.01
    decov_layers: dict[str, Weight] = Field(
        default={}, description="further layers and probes to decorrelate: name, glob or re:expression, and its weight"
    )
    decov_stride: Positive = Field(default=1, description="DeCov looks at every so many rows and columns")
    dice_weight: Weight = 0.0
    distillation_weight: Share = 0.0
    patience: Positive | None = Field(
        default=None, description="stop after this many epochs without a better primary score on val; null: run all"
    )


class MonitorSpec(Frozen):
    """The redundancy of the student's features while it trains, measured on training batches; it changes nothing."""

    every_epochs: Positive | None = Field(default=1, description="a record after every so many epochs; null: none")
    layers: tuple[str, ...] = Field(
        default=(), description="further layers and probes besides the output features: names, globs, re:expressions"
    )


class TrainSpec(FitSpec):
    """Training of the student, and of its teacher where one is named."""

    teacher: ModelSpec | None = None
    teacher_epochs: Positive = 60
    monitor: MonitorSpec = MonitorSpec()

    @model_validator(mode="after")
    def _distillation_needs_a_teacher(self) -> "TrainSpec":
        if self.distillation_weight > 0 and self.teacher is None:
            raise ValueError(f"distillation_weight is {self.distillation_weight} but no teacher is named: set teacher")
        return self


class AnalyzeSpec(Frozen):
    """The redundancy report."""

    width_error: Annotated[float, Field(gt=0.0, lt=1.0)] = Field(
        default=0.01, description="share of a layer's variance that its suggested width may lose"
    )


class SparsitySpec(Frozen):
    """TFMOT magnitude pruning of the weights that are left: zeroed weights, not removed channels.

    Dense kernels, float or int8, gain no time from zeros; the compressed file gets smaller.
    """

    target: Annotated[float, Field(gt=0.0, lt=1.0)] = 0.5
    epochs: Positive = 10
    pattern: Literal["free", "2:4"] = Field(
        default="free", description="2:4: two zeros in every four weights along the input channels, for target 0.5"
    )

    @model_validator(mode="after")
    def _two_of_four_is_half(self) -> "SparsitySpec":
        if self.pattern == "2:4" and self.target != 0.5:
            raise ValueError(f"pattern 2:4 makes half of the weights zero: target must be 0.5, not {self.target}")
        return self


Limit = Annotated[float, Field(gt=0.0)]


class BudgetSpec(Frozen):
    """What the pruned network may cost: up to 1 the share that may remain, above 1 an absolute number.

    `flash_bytes` is the size of the int8 .tflite file, `peak_ram_bytes` its tensors alive at once, one byte per value,
    without the generated code or a runtime. Both are predicted from above; export holds the file itself against them.
    """

    macs: Limit | None = None
    params: Limit | None = None
    flash_bytes: Limit | None = None
    peak_ram_bytes: Limit | None = None

    @model_validator(mode="before")
    @classmethod
    def _no_instructions(cls, given: Any) -> Any:
        if isinstance(given, dict) and "instructions" in given:
            raise ValueError("instructions cannot be a budget: no cost table predicts them; set macs")
        return given

    @model_validator(mode="after")
    def _some_limit(self) -> "BudgetSpec":
        if all(limit is None for limit in self.to_data().values()):
            raise ValueError("a budget needs a limit: macs, params, flash_bytes or peak_ram_bytes")
        return self


class PruneSpec(Frozen):
    """Removal of channels, repair of their readers, and fine-tuning by distillation from the unpruned network."""

    ratio: Annotated[float, Field(ge=0.0, lt=1.0)] = Field(
        default=0.5, description="share of channels removed per group; a budget takes its place"
    )
    budget: BudgetSpec | None = Field(default=None, description="widths are searched so that the network costs this")
    criterion: str = Field(
        default="covariance",
        description="covariance, r2, l1, l2, geometric_median, batchnorm_scale, taylor, random, or a registered one",
    )
    leave: tuple[str, ...] = Field(default=(), description="layers or groups that keep all channels; globs")
    multiple: Positive = Field(default=1, description="widths are multiples of this; narrower groups stay whole")
    min_channels: Positive = Field(default=1, description="fewest channels of a group")
    choice_ridge: Annotated[float, Field(gt=0.0)] = 1e-5
    repair_ridge: Annotated[float, Field(gt=0.0)] = 1e-3
    repair_samples: Positive = Field(default=100_000, description="most positions per least-squares problem")
    repair_passes: Annotated[int, Field(ge=0)] = Field(
        default=2, description="how often a layer under a ReLU is solved again, free where the ReLU is shut"
    )
    rounds: Positive = Field(
        default=1, description="successive removals, with distillation from the unpruned network in between"
    )
    round_epochs: Positive = Field(default=5, description="epochs between two rounds, otherwise trained as fine_tune")
    fine_tune: FitSpec = FitSpec(epochs=20, learning_rate=6e-3, distillation_weight=0.5)
    sparsity: SparsitySpec | None = None


class QuantizeSpec(Frozen):
    """The int8 file: by TFMOT's quantization-aware training from calibrated ranges (QAT), or without training (PTQ)."""

    scheme: Literal["qat", "ptq"] = Field(default="qat", description="ptq: the converter's own ranges, `fit` is unused")
    fit: FitSpec = Field(
        default=FitSpec(epochs=6, learning_rate=3e-4, decov_weight=0.0, distillation_weight=1.0),
        description="of qat; the teacher is the float network itself",
    )
    rounding: Rounding = Field(
        default="nearest", description="of ptq: covariance lets weights make up for the errors of others (GPTQ)"
    )
    bias_correction: bool = Field(
        default=False, description="of ptq: biases take up the mean error that rounded weights make"
    )
    max_drop: Share = Field(default=0.01, description="gate: primary score on val that int8 may lose against float")

    @field_validator("fit")
    @classmethod
    def _features_are_float(cls, fit: FitSpec) -> FitSpec:
        if fit.decov_weight > 0:
            raise ValueError(f"decov_weight acts on float features and must be 0 here, not {fit.decov_weight}")
        if fit.decov_layers:
            raise ValueError(f"decov_layers acts on float features and must be empty here, not {fit.decov_layers}")
        return fit

    @model_validator(mode="after")
    def _training_finds_its_own_weights(self) -> "QuantizeSpec":
        if self.scheme == "qat" and (self.rounding != "nearest" or self.bias_correction):
            raise ValueError(
                "rounding 'covariance' and bias_correction correct weights that are not trained any more: set "
                "scheme=ptq, or leave them at rounding=nearest and bias_correction=false"
            )
        return self


class ExportSpec(Frozen):
    """The files that are shipped."""

    onnx_batch: Literal["fixed", "dynamic"] = Field(
        default="fixed", description="of the ONNX files: fixed takes one image at a time, dynamic any number"
    )


class CompileSpec(Frozen):
    """The int8 file as C."""

    optimize: Optimize = Field(
        default="speed", description="what the C gives up the other for: speed, or size (bytes of flash)"
    )


class VerifySpec(Frozen):
    """Proof that generated code computes the reference kernels' bytes."""

    inputs: Positive = Field(default=1000, description="frames for the generated C on this machine")
    slow_inputs: Positive = Field(
        default=50, description="frames for numpy, tflite-micro and the C with sanitizers, which are slower"
    )
    core_inputs: Positive = Field(default=10, description="frames for each emulated core")
    cores: tuple[str, ...] | None = Field(
        default=None, description="cores that must be emulated; null: all whose tools are installed"
    )
    step_cores: tuple[str, ...] = Field(
        default=("cortex-m4",), description="of those, the cores on which the instructions of each step are counted"
    )


class DeploySpec(Frozen):
    """The bundle for a board."""

    board: str = Field(default="stm32l4r5", description="a board, or a .yaml file that describes one")


class BenchmarkSpec(Frozen):
    """Latency on this machine: batch 1, rounds interleaved between the runtimes."""

    runs: Positive = 300
    warmup: Annotated[int, Field(ge=0)] = 20
    threads: Positive = 1


class BuildConfig(Frozen):
    """A whole build. `name` is the run folder's name; null: the configuration file's stem."""

    schema_version: Literal[1] = 1
    name: Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$")] | None = None
    seed: Annotated[int, Field(ge=0, lt=2**31)] = 0
    task: TaskName = Field(default="binary_segmentation", description="what is asked about an image")
    data: DataSpec = DataSpec()
    model: ModelSpec = ModelSpec()
    augmentation: AugmentationSpec = AugmentationSpec()
    train: TrainSpec = TrainSpec()
    analyze: AnalyzeSpec = AnalyzeSpec()
    prune: PruneSpec = PruneSpec()
    quantize: QuantizeSpec = QuantizeSpec()
    export: ExportSpec = ExportSpec()
    compile: CompileSpec = CompileSpec()
    verify: VerifySpec = VerifySpec()
    benchmark: BenchmarkSpec = BenchmarkSpec()
    deploy: DeploySpec = DeploySpec()

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
