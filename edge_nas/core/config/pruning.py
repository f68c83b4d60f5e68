"""What is removed from the trained network, and what is measured before."""

from typing import Annotated, Literal

from pydantic import Field, model_validator

from edge_nas.core.config.ranges import Count, Positive, SomeEpochs
from edge_nas.core.config.training import FitSpec
from edge_nas.core.frozen import Frozen

Limit = Annotated[float, Field(gt=0.0, le=1e15)]
Ridge = Annotated[float, Field(gt=0.0, le=1e6)]
FIRMWARE_LIMITS = ("instructions", "firmware_flash_bytes", "firmware_ram_bytes")
"""What a budget limits of the generated C."""


class AnalyzeSpec(Frozen):
    """The redundancy report."""

    width_error: Annotated[float, Field(gt=0.0, lt=1.0)] = Field(
        default=0.01, description="share of a layer's variance that its suggested width may lose"
    )


class SparsitySpec(Frozen):
    """TFMOT magnitude pruning of the weights that are left: zeroed weights, not removed channels.

    Dense kernels, float or int8, gain no time from zeros; the compressed file gets smaller.
    """

    target: Annotated[float, Field(gt=0.0, lt=1.0)] = Field(
        default=0.5, description="share of each kernel's weights that are zero in the end"
    )
    epochs: SomeEpochs = Field(
        default=10, description="epochs in which weights become zero, otherwise trained as fine_tune"
    )
    pattern: Literal["free", "2:4"] = Field(
        default="free", description="2:4: two zeros in every four weights along the input channels, for target 0.5"
    )

    @model_validator(mode="after")
    def _two_of_four_is_half(self) -> "SparsitySpec":
        if self.pattern == "2:4" and self.target != 0.5:
            raise ValueError(f"pattern 2:4 makes half of the weights zero: target must be 0.5, not {self.target}")
        return self


class BudgetSpec(Frozen):
    """What the pruned network may cost: up to 1 the share that may remain, above 1 an absolute number.

    `flash_bytes` is the size of the int8 .tflite file, `peak_ram_bytes` its tensors alive at once, one byte per value,
    without the generated code or a runtime. Both are predicted from above; export holds the file itself against them.
    `instructions`, `firmware_flash_bytes` and `firmware_ram_bytes` are what the generated C takes on `core`, predicted
    by `edge_nas.costs`; each network that is tried has its C planned for that, a tenth of a second or more.
    """

    macs: Limit | None = Field(
        default=None, description="multiply-accumulates for one image, a number or the share that remains; null: any"
    )
    params: Limit | None = Field(default=None, description="parameters, a number or the share that remains; null: any")
    flash_bytes: Limit | None = Field(
        default=None, description="bytes of the int8 .tflite file, or the share that remains; null: any"
    )
    peak_ram_bytes: Limit | None = Field(
        default=None, description="bytes of int8 tensors alive at once, or the share that remains; null: any"
    )
    instructions: Limit | None = Field(
        default=None, description="instructions of the C for one image, or the share that remains; null: any"
    )
    firmware_flash_bytes: Limit | None = Field(
        default=None, description="bytes that the C adds to an image, or the share that remains; null: any"
    )
    firmware_ram_bytes: Limit | None = Field(
        default=None, description="bytes of the C's arena, or the share that remains; null: any"
    )
    core: str | None = Field(
        default=None, description="core, such as cortex-m4, or board that the C is for; null without limits of it"
    )

    @property
    def limits(self) -> dict[str, float]:
        """The limits that are set, by their names."""
        return {name: limit for name, limit in self.to_data().items() if name != "core" and limit is not None}

    @property
    def firmware_limits(self) -> dict[str, float]:
        """Those of them that are about the C on `core`."""
        return {name: limit for name, limit in self.limits.items() if name in FIRMWARE_LIMITS}

    @model_validator(mode="after")
    def _some_limit(self) -> "BudgetSpec":
        if not self.limits:
            *most, last = (name for name in self.to_data() if name != "core")
            raise ValueError(f"a budget needs a limit: {', '.join(most)} or {last}")
        if self.firmware_limits and self.core is None:
            raise ValueError(f"{', '.join(self.firmware_limits)} depend on the core: name one, or a board, in core")
        if self.core is not None and not self.firmware_limits:
            raise ValueError(f"core is {self.core!r}, but none of {', '.join(FIRMWARE_LIMITS)} is set")
        return self


class PruneSpec(Frozen):
    """Removal of channels, repair of their readers, and fine-tuning by distillation from the unpruned network."""

    ratio: Annotated[float, Field(ge=0.0, lt=1.0)] = Field(
        default=0.5, description="share of channels removed per group; a budget takes its place"
    )
    budget: BudgetSpec | None = Field(
        default=None, description="widths are searched so that the network costs this; null: the ratio counts"
    )
    drop_blocks: bool = Field(
        default=True,
        description="under a budget in one round, residual blocks may go that a linear map nearly recovers",
    )
    criterion: str = Field(
        default="covariance",
        description="covariance, r2, l1, l2, geometric_median, batchnorm_scale, taylor, random, or a registered one",
    )
    leave: tuple[str, ...] = Field(default=(), description="layers or groups that keep all channels; globs")
    multiple: Positive = Field(default=1, description="widths are multiples of this; narrower groups stay whole")
    min_channels: Positive = Field(default=1, description="fewest channels of a group")
    choice_ridge: Ridge = Field(
        default=1e-5,
        description="keeps the choice by covariance or r2 stable: added to variances, as a share of their mean",
    )
    repair_ridge: Ridge = Field(
        default=1e-3,
        description="holds repaired weights near the old ones: added to variances of patches, as a share of their mean",
    )
    repair_samples: Positive = Field(default=100_000, description="most positions per least-squares problem")
    repair_passes: Count = Field(
        default=2, description="how often a layer under a ReLU is solved again, free where the ReLU is shut"
    )
    rounds: Positive = Field(
        default=1, description="successive removals, with distillation from the unpruned network in between"
    )
    round_epochs: SomeEpochs = Field(default=5, description="epochs between two rounds, otherwise trained as fine_tune")
    fine_tune: FitSpec = Field(
        default=FitSpec(epochs=20, learning_rate=6e-3, distillation_weight=0.5),
        description="training after the last removal; the teacher is the unpruned network",
    )
    sparsity: SparsitySpec | None = Field(
        default=None, description="zero weights of what is left after fine-tuning; null: none"
    )
