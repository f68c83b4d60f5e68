"""Where images and labels come from, and which task they are for."""

from typing import Any, Literal

from pydantic import Field, field_validator, model_validator

from edge_nas.core.config.ranges import Count, Positive
from edge_nas.core.frozen import Frozen

TaskName = Literal["binary_segmentation", "segmentation", "classification", "regression"]
SourceName = Literal["terrain", "folder", "classes", "npz", "function"]

_WITH_ROOT = ("folder", "classes", "npz")


class TerrainSpec(Frozen):
    """The built-in procedural terrain: how many scenes per split, and their seed (not the training seed)."""

    train_images: Positive = Field(default=400, description="scenes to train on")
    val_images: Positive = Field(default=100, description="scenes that gates and the choice of weights use")
    test_images: Positive = Field(default=100, description="scenes that the reported scores are of")
    seed: Count = Field(default=0, description="of the scenes; it is not the seed of training")


class DataSpec(Frozen):
    """Where images and labels come from.

    `root` holds {train,val[,test]}/{img,mask} of source `folder`, {train,val[,test]}/CLASS of `classes`,
    {train,val[,test]}.npz of `npz`.
    """

    source: SourceName = Field(default="terrain", description="which kind of source images and labels are from")
    root: str | None = Field(default=None, description="folder of a source in files, which holds train and val")
    function: str | None = Field(default=None, description="module:function, for source `function`")
    arguments: dict[str, Any] = Field(default={}, description="keyword arguments of the function")
    classes: tuple[str, ...] | None = Field(
        default=None, description="names of the classes, in the order of their numbers; null: as the data says"
    )
    input_shape: tuple[Positive, Positive, Positive] = Field(
        default=(48, 64, 3), description="height and width in pixels that the network takes, and 3 colour channels"
    )
    holdout_group: str | None = Field(
        default=None, description="train without this group of groups.csv and validate on it"
    )
    calibration_images: Positive | None = Field(default=None, description="training images for statistics; null: all")
    terrain: TerrainSpec = Field(default=TerrainSpec(), description="of source `terrain`")

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
