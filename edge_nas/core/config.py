"""Every setting of a build, its default, its range and its meaning: one frozen spec per stage."""

from typing import Annotated, Any, Literal

from pydantic import Field, field_validator, model_validator

from edge_nas.core.frozen import Frozen

Share = Annotated[float, Field(ge=0.0, le=1.0)]
Positive = Annotated[int, Field(ge=1)]
Weight = Annotated[float, Field(ge=0.0)]


class TerrainSpec(Frozen):
    """The built-in procedural terrain: how many scenes per split, and their seed (not the training seed)."""

    train_images: Positive = 400
    val_images: Positive = 100
    test_images: Positive = 100
    seed: Annotated[int, Field(ge=0)] = 0


class DataSpec(Frozen):
    """Where images and masks come from. `root` holds {train,val[,test]}/{img,mask}; needed for source `folder`."""

    source: Literal["terrain", "folder"] = "terrain"
    root: str | None = None
    input_shape: tuple[Positive, Positive, Positive] = (48, 64, 3)
    holdout_group: str | None = Field(
        default=None, description="train without this group of groups.csv and validate on it"
    )
    calibration_images: Positive | None = Field(default=None, description="training images for statistics; null: all")
    terrain: TerrainSpec = TerrainSpec()

    @model_validator(mode="after")
    def _root_belongs_to_folder(self) -> "DataSpec":
        if self.source == "folder" and self.root is None:
            raise ValueError("source 'folder' needs data.root, the folder that holds train/ and val/")
        if self.source == "terrain" and self.root is not None:
            raise ValueError("data.root is given but data.source is 'terrain': set data.source=folder")
        return self

    @field_validator("input_shape")
    @classmethod
    def _rgb(cls, shape: tuple[int, int, int]) -> tuple[int, int, int]:
        if shape[2] != 3:
            raise ValueError(f"images are RGB: the last of (height, width, channels) must be 3, not {shape[2]}")
        return shape


class ModelSpec(Frozen):
    """A registered model and the arguments of its constructor."""

    name: str = "nano_u"
    arguments: dict[str, Any] = {}


class AugmentationSpec(Frozen):
    """Random changes of each training image, drawn anew every epoch."""

    flip: bool = Field(default=True, description="mirror left and right, every other image")
    crop: Share = Field(default=0.25, description="largest share of each side cut away before scaling back up")
    brightness: Share = Field(default=0.2, description="largest shift, as a share of the pixel range")
    contrast: Share = Field(default=0.2, description="largest change of contrast, as a share")
    colour: Share = Field(default=0.1, description="largest change of each colour channel's gain, as a share")


class FitSpec(Frozen):
    """One training run: Adam, cosine decay to zero after a linear warm-up of 5 % of the steps.

    The loss is (1 - distillation_weight) * BCE(mask) + distillation_weight * BCE(sigmoid(teacher logits))
    + dice_weight * Dice + decov_weight * DeCov(output features) + the sum over decov_layers of weight * DeCov(layer).
    """

    epochs: Annotated[int, Field(ge=0)] = 60
    batch_size: Positive = 16
    learning_rate: Annotated[float, Field(gt=0.0, le=1.0)] = 6e-3
    decov_weight: Weight = 0.05
    decov_layers: dict[str, Weight] = Field(
        default={}, description="further layers and probes to decorrelate: name, glob or re:expression, and its weight"
    )
    decov_stride: Positive = Field(default=1, description="DeCov looks at every so many rows and columns")
    dice_weight: Weight = 0.0
    distillation_weight: Share = 0.0
    patience: Positive | None = Field(
        default=None, description="stop after this many epochs without a better mIoU on val; null: run all epochs"
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
    """TFMOT magnitude pruning of the weights that are left: zeroed weights, not removed channels."""

    target: Annotated[float, Field(gt=0.0, lt=1.0)] = 0.5
    epochs: Positive = 10


class PruneSpec(Frozen):
    """Removal of channels, repair of their readers, and fine-tuning by distillation from the unpruned network."""

    ratio: Annotated[float, Field(ge=0.0, lt=1.0)] = Field(
        default=0.5, description="share of channels removed per group"
    )
    choice_ridge: Annotated[float, Field(gt=0.0)] = 1e-5
    repair_ridge: Annotated[float, Field(gt=0.0)] = 1e-3
    repair_samples: Positive = Field(default=200_000, description="most positions per least-squares problem")
    fine_tune: FitSpec = FitSpec(epochs=20, learning_rate=6e-3, distillation_weight=0.5)
    sparsity: SparsitySpec | None = None


class QuantizeSpec(Frozen):
    """TFMOT quantization-aware training from calibrated ranges."""

    fit: FitSpec = FitSpec(epochs=6, learning_rate=3e-4, decov_weight=0.0, distillation_weight=0.5)
    max_drop: Share = Field(default=0.01, description="gate: mIoU on val that int8 may lose against float")

    @field_validator("fit")
    @classmethod
    def _features_are_float(cls, fit: FitSpec) -> FitSpec:
        if fit.decov_weight > 0:
            raise ValueError(f"decov_weight acts on float features and must be 0 here, not {fit.decov_weight}")
        if fit.decov_layers:
            raise ValueError(f"decov_layers acts on float features and must be empty here, not {fit.decov_layers}")
        return fit


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
    data: DataSpec = DataSpec()
    model: ModelSpec = ModelSpec()
    augmentation: AugmentationSpec = AugmentationSpec()
    train: TrainSpec = TrainSpec()
    analyze: AnalyzeSpec = AnalyzeSpec()
    prune: PruneSpec = PruneSpec()
    quantize: QuantizeSpec = QuantizeSpec()
    benchmark: BenchmarkSpec = BenchmarkSpec()
