"""Where samples and labels come from: what every source has; each source adds settings of its own and reads itself.

    class SquaresSource(DataSpec):
        source: Literal["squares"] = "squares"
        count: int = Field(default=64, ge=4, description="images of each split")

        def read_splits(self, task): ...

`data.source` says which source's settings the section `data` holds: a tagged union that is open to others
(`edge_nas.core.extensions`). The built-in sources are in `edge_nas.data`.
"""

from typing import TYPE_CHECKING, Annotated, ClassVar, Literal

from pydantic import Field, model_validator

from edge_nas.core.config.ranges import Positive, Side
from edge_nas.core.frozen import Frozen
from edge_nas.core.samples import MOST_AXES

if TYPE_CHECKING:
    from edge_nas.data.splits import SourceSplits
    from edge_nas.tasks import Task

DEFAULT_SOURCE = "terrain"

Value = Annotated[float, Field(ge=-1e9, le=1e9)]
"""Of a sensor or of a network's input."""


class DataSpec(Frozen):
    """Samples and labels of any source.

    Attributes:
        phrase: what the samples are, as the report says it.
        picture_channels: how many channels samples may have where they are pictures; None: they may be of any shape.
        code_settings: those of its settings whose value, `module:function`, is imported and run.
    """

    phrase: ClassVar[str] = "samples of a source of its own"
    picture_channels: ClassVar[tuple[int, ...] | None] = None
    code_settings: ClassVar[tuple[str, ...]] = ()

    source: str = Field(description="which kind of source samples and labels are from")
    classes: tuple[str, ...] | None = Field(
        default=None, description="names of the classes, in the order of their numbers; null: as the data says"
    )
    class_weights: tuple[Annotated[float, Field(gt=0.0, le=1e6)], ...] | Literal["balanced"] | None = Field(
        default=None,
        description="weight of each class in the loss of every training, in the order of their numbers (background, "
        "foreground); balanced: the inverse of its share of train; null: all count alike",
    )
    input_shape: Annotated[tuple[Side, ...], Field(min_length=1, max_length=MOST_AXES)] = Field(
        default=(48, 64, 3),
        description="shape of a sample: [height, width, channels] of a picture, 1 channel grey and 3 RGB; "
        "[moments, channels] of a signal; [features]",
    )
    scale: tuple[Value, Value] | Literal["standard", "none"] | None = Field(
        default=None,
        description="what the network is fed: the two inputs that the ends of `sensor_range` become; standard: mean 0 "
        "and deviation 1 of each channel over train; none: values as they are; null: [-1, 1] of uint8, standard of "
        "other integers, none of floats",
    )
    sensor_range: tuple[Value, Value] | None = Field(
        default=None, description="the two sensor values that become the ends of `scale`; null: the ends of their type"
    )
    holdout_group: str | None = Field(
        default=None, description="train without this group of samples and validate on it; null: on the split val"
    )
    calibration_images: Positive | None = Field(default=None, description="training samples for statistics; null: all")

    @classmethod
    def teaches(cls, task: "type[Task]") -> bool:  # noqa: ARG003 - the protocol
        """Returns whether a task can be learnt from labels of this source."""
        return True

    @property
    def place(self) -> str:
        """Where the data is, for messages: a folder, a function."""
        return self.source

    def read_splits(self, task: "type[Task]") -> "SourceSplits":
        """Returns train, val and, where there is one, test, with samples of `input_shape`.

        Raises:
            DataError, ResourceError, UnsafeError: the data cannot be used; says which file.
            ConfigError: a setting of the source is wrong in a way that only reading shows.
        """
        raise NotImplementedError

    @model_validator(mode="after")
    def _pictures_have_channels(self) -> "DataSpec":
        allowed, shape = self.picture_channels, self.input_shape
        if allowed is not None and (len(shape) != MOST_AXES or shape[-1] not in allowed):
            counts = " or ".join(f"{count} ({'RGB' if count == 3 else 'grey'})" for count in allowed)
            raise ValueError(
                f"data.input_shape is {list(shape)}, but data.source {self.source!r} holds pictures: give [height, "
                f"width, channels], with {counts} channels; sources npz and function take samples of other shapes"
            )
        return self

    @model_validator(mode="after")
    def _ranges_ascend(self) -> "DataSpec":
        for name, ends in (("scale", self.scale), ("sensor_range", self.sensor_range)):
            if isinstance(ends, tuple) and ends[0] >= ends[1]:
                raise ValueError(f"data.{name} is {list(ends)}; the first of the two has to be below the second")
        if self.sensor_range is not None and isinstance(self.scale, str):
            raise ValueError(
                f"data.sensor_range says what becomes the ends of a range, but data.scale is {self.scale}: leave one "
                "out"
            )
        return self
