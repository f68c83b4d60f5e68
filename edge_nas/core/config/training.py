"""How networks are trained: the student, its teacher, fine-tuning and quantization-aware training."""

from typing import Annotated

from pydantic import Field, model_validator

from edge_nas.core.config.model import ModelSpec
from edge_nas.core.config.ranges import Epochs, Positive, Share, SomeEpochs, Weight
from edge_nas.core.frozen import Frozen


class AugmentationSpec(Frozen):
    """Random changes of each training sample, drawn anew every epoch.

    The first five are of pictures, the last three of all other samples.
    """

    flip: bool = Field(default=True, description="mirror left and right, every other image")
    crop: Share = Field(
        default=0.25, description="largest share of each side that is cut away before scaling back up; 0: none"
    )
    brightness: Share = Field(default=0.2, description="largest shift, as a share of the pixel range; 0: none")
    contrast: Share = Field(default=0.2, description="largest change of contrast, as a share; 0: none")
    colour: Share = Field(default=0.1, description="largest change of each colour channel's gain, as a share; 0: none")
    shift: Share = Field(
        default=0.1,
        description="largest shift of a signal in time, as a share of its length; its ends are held; 0: none",
    )
    amplitude: Share = Field(
        default=0.1, description="largest change of a signal's distance from the channels' mean, as a share; 0: none"
    )
    noise: Share = Field(
        default=0.02, description="deviation of the noise that is added, as a share of the channel's deviation; 0: none"
    )


class FitSpec(Frozen):
    """One training run: Adam, cosine decay to zero after a linear warm-up of 5 % of the steps.

    The loss is (1 - distillation_weight) * task loss + distillation_weight * distance from the teacher
    + dice_weight * Dice + decov_weight * DeCov(output features) + the sum over decov_layers of weight * DeCov(layer).
    The task loss is a cross-entropy, of regression a squared error; the files of edge_nas.tasks have the formulas.
    """

    epochs: Epochs = Field(default=60, description="passes over the training images; 0: no training")
    batch_size: Positive = Field(default=16, description="images per step of the optimizer")
    learning_rate: Annotated[float, Field(gt=0.0, le=1.0)] = Field(
        default=6e-3, description="of Adam at the end of the warm-up, from where it falls to 0"
    )
    decov_weight: Weight = Field(
        default=0.01, description="factor of the DeCov penalty on the output features in the loss; 0: no penalty"
    )
    decov_layers: dict[str, Weight] = Field(
        default={}, description="further layers and probes to decorrelate: name, glob or re:expression, and its weight"
    )
    decov_stride: Positive = Field(default=1, description="DeCov looks at every so many rows and columns; 1: all")
    dice_weight: Weight = Field(
        default=0.0, description="factor of the Dice loss, in [0, 1] itself, in the loss; of tasks with masks"
    )
    distillation_weight: Share = Field(
        default=0.0, description="share of the distance from the teacher's outputs in the loss, the task's has the rest"
    )
    patience: SomeEpochs | None = Field(
        default=None, description="stop after this many epochs without a better primary score on val; null: run all"
    )


class MonitorSpec(Frozen):
    """The redundancy of the student's features while it trains, measured on training batches; it changes nothing."""

    every_epochs: SomeEpochs | None = Field(default=1, description="a record after every so many epochs; null: none")
    layers: tuple[str, ...] = Field(
        default=(), description="further layers and probes besides the output features: names, globs, re:expressions"
    )


class TrainSpec(FitSpec):
    """Training of the student, and of its teacher where one is named."""

    teacher: ModelSpec | None = Field(
        default=None, description="the model that the student learns from by distillation; null: none"
    )
    teacher_epochs: SomeEpochs = Field(
        default=60, description="passes over the training images of a teacher, otherwise trained as the student"
    )
    monitor: MonitorSpec = Field(default=MonitorSpec(), description="records of redundancy while the student trains")

    @model_validator(mode="after")
    def _distillation_needs_a_teacher(self) -> "TrainSpec":
        if self.distillation_weight > 0 and self.teacher is None:
            raise ValueError(f"distillation_weight is {self.distillation_weight} but no teacher is named: set teacher")
        return self
