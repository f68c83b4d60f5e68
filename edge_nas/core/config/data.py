"""Where images and labels come from: what every source has; each source adds settings of its own and reads itself.

    class SquaresSource(DataSpec):
        source: Literal["squares"] = "squares"
        count: int = Field(default=64, ge=4, description="images of each split")

        def read_splits(self, task): ...

`data.source` says which source's settings the section `data` holds: a tagged union that is open to others
(`edge_nas.core.extensions`). The built-in sources are in `edge_nas.data`.
"""

from typing import TYPE_CHECKING, ClassVar

from pydantic import Field, field_validator

from edge_nas.core.config.ranges import Positive, Side
from edge_nas.core.frozen import Frozen

if TYPE_CHECKING:
    from edge_nas.data.splits import SourceSplits
    from edge_nas.tasks import Task

DEFAULT_SOURCE = "terrain"


class DataSpec(Frozen):
    """Images and labels of any source.

    Attributes:
        phrase: what the images are, as the report says it.
        code_settings: those of its settings whose value, `module:function`, is imported and run.
    """

    phrase: ClassVar[str] = "images of a source of its own"
    code_settings: ClassVar[tuple[str, ...]] = ()

    source: str = Field(description="which kind of source images and labels are from")
    classes: tuple[str, ...] | None = Field(
        default=None, description="names of the classes, in the order of their numbers; null: as the data says"
    )
    input_shape: tuple[Side, Side, Side] = Field(
        default=(48, 64, 3), description="height and width in pixels that the network takes, and 3 colour channels"
    )
    holdout_group: str | None = Field(
        default=None, description="train without this group of images and validate on it; null: on the split val"
    )
    calibration_images: Positive | None = Field(default=None, description="training images for statistics; null: all")

    @classmethod
    def teaches(cls, task: "type[Task]") -> bool:  # noqa: ARG003 - the protocol
        """Returns whether a task can be learnt from labels of this source."""
        return True

    @property
    def place(self) -> str:
        """Where the data is, for messages: a folder, a function."""
        return self.source

    def read_splits(self, task: "type[Task]") -> "SourceSplits":
        """Returns train, val and, where there is one, test, with images of `input_shape`.

        Raises:
            DataError, ResourceError, UnsafeError: the data cannot be used; says which file.
            ConfigError: a setting of the source is wrong in a way that only reading shows.
        """
        raise NotImplementedError

    @field_validator("input_shape")
    @classmethod
    def _rgb(cls, shape: tuple[int, int, int]) -> tuple[int, int, int]:
        if shape[2] != 3:
            raise ValueError(f"images are RGB: the last of (height, width, channels) must be 3, not {shape[2]}")
        return shape
