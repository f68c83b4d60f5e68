"""The built-in data set: procedural scenes of a path or field in perspective, no download needed.

A scene is drawn (`terrain_scene`), painted at twice the size asked for (`terrain_paint`, over the geometry of
`terrain_view`) and taken by a plain camera here: area down-sampling, lens, exposure, gamma, noise. The mask is the
ground that can be driven on. Where it lies, and its colour against what grows beside it, vary so much that neither a
fixed mask nor a threshold on colour finds it.
"""

from typing import Annotated, ClassVar, Literal

import numpy as np
from pydantic import Field, model_validator

from edge_nas.core.arrays import Floats, Pixels
from edge_nas.core.config import DataSpec
from edge_nas.core.config.ranges import Count
from edge_nas.core.frozen import Frozen
from edge_nas.data.dataset import Dataset
from edge_nas.data.splits import SPLITS, Shape, SourceSplits, SplitArrays, SplitName
from edge_nas.data.terrain_paint import paint
from edge_nas.data.terrain_scene import Light, draw_scene
from edge_nas.data.terrain_view import Flags, Tiles, draw_tiles, look
from edge_nas.tasks import BINARY_SEGMENTATION, BinarySegmentation, Task

OVERSAMPLING = 2  # of height and width: edges get in-between colours, and a picture costs four times its pixels
Scenes = Annotated[int, Field(ge=1, le=1_000_000)]
"""More is a slip of the finger: a million small scenes are 9 GB of memory and hours of painting."""
LEAST_FREE, MOST_FREE = 0.04, 0.85  # share of foreground: with less or more there is nothing to tell apart


class TerrainSpec(Frozen):
    """The built-in procedural terrain: how many scenes per split, and their seed (not the training seed)."""

    train_images: Scenes = Field(default=400, description="scenes to train on")
    val_images: Scenes = Field(default=100, description="scenes that gates and the choice of weights use")
    test_images: Scenes = Field(default=100, description="scenes that the reported scores are of")
    seed: Count = Field(default=0, description="of the scenes; it is not the seed of training")


class TerrainSource(DataSpec):
    """Procedural scenes, no files: masks of the ground that can be driven on."""

    phrase: ClassVar[str] = "the built-in terrain"
    picture_channels: ClassVar[tuple[int, ...] | None] = (3,)

    source: Literal["terrain"] = Field(default="terrain", description="procedural scenes, no files")
    terrain: TerrainSpec = Field(default=TerrainSpec(), description="how many scenes, and their seed")

    @classmethod
    def teaches(cls, task: type[Task]) -> bool:
        """Returns whether the task is binary segmentation, for which the masks are drawn."""
        return issubclass(task, BinarySegmentation)

    def read_splits(self, task: type[Task]) -> SourceSplits:  # noqa: ARG002 - masks of 0 and 1 need no reading
        """Returns the scenes."""
        return SourceSplits(draw_terrain(self.terrain, self.input_shape))

    @model_validator(mode="after")
    def _no_groups(self) -> "TerrainSource":
        if self.holdout_group is not None:
            raise ValueError(
                f"data.holdout_group is {self.holdout_group!r}, but the built-in terrain has no groups: leave it out "
                "or set data.source=folder"
            )
        return self


def generate_terrain(spec: TerrainSpec, input_shape: Shape) -> Dataset:
    """Returns the scenes of `draw_terrain` as a data set of binary segmentation."""
    splits = {name: split.of_task(BINARY_SEGMENTATION) for name, split in draw_terrain(spec, input_shape).items()}
    return Dataset(splits["train"], splits["val"], splits["test"])


def draw_terrain(spec: TerrainSpec, input_shape: Shape) -> dict[SplitName, SplitArrays]:
    """Returns the splits of `spec`; the same for the same arguments.

    Every scene has a random stream of its own, made from (seed, split, index): splits never share one, and asking for
    more images leaves the first ones as they are.

    Args:
        spec: images per split, and the seed.
        input_shape: (H, W, 3) of the images.
    """
    counts = (spec.train_images, spec.val_images, spec.test_images)
    return {
        name: _draw_split(spec.seed, number, count, input_shape)
        for number, (name, count) in enumerate(zip(SPLITS, counts, strict=True))
    }


def _draw_split(seed: int, split: int, count: int, input_shape: Shape) -> SplitArrays:
    height, width, _ = input_shape
    images = np.empty((count, height, width, 3), np.uint8)
    masks = np.empty((count, height, width), np.uint8)
    tiles = draw_tiles(np.random.default_rng([seed, split]))
    for index in range(count):
        scene_rng = np.random.default_rng([seed, split, index])
        images[index], masks[index] = _take_picture(scene_rng, tiles, height, width)
    return SplitArrays(images, masks, tuple(f"{index:04d}" for index in range(count)), None, "the built-in terrain")


def _take_picture(rng: np.random.Generator, tiles: Tiles, height: int, width: int) -> tuple[Pixels, Pixels]:
    """Returns an image (H, W, 3) uint8 and its mask (H, W) uint8."""
    while True:
        scene = draw_scene(rng)
        view = look(scene.camera, height * OVERSAMPLING, width * OVERSAMPLING)
        canvas = paint(scene, view, tiles, rng)
        mask = _reduced(canvas.free) > 0.5
        if LEAST_FREE < mask.mean() < MOST_FREE:
            return _expose(_reduced(canvas.rgb), scene.light, rng), mask.astype(np.uint8)


def _reduced(array: Floats | Flags) -> Floats:
    """Returns (..., h, w) averaged over blocks of OVERSAMPLING x OVERSAMPLING pixels."""
    # Adding slices is ten times as fast as a mean over axes this short.
    corners = [(row, column) for row in range(OVERSAMPLING) for column in range(OVERSAMPLING)]
    slices = [array[..., row::OVERSAMPLING, column::OVERSAMPLING] for row, column in corners]
    total: Floats = np.sum(slices, axis=0, dtype=np.float32)
    return total / np.float32(len(slices))


def _expose(rgb: Floats, light: Light, rng: np.random.Generator) -> Pixels:
    """Returns linear light (3, H, W) as a cheap camera stores it: soft, vignetted, noisy, gamma 2.2.

    The picture is (H, W, 3) uint8.
    """
    rgb = _softened(rgb, np.float32(rng.uniform(0.0, 0.22)))
    height, width = rgb.shape[1:]
    down, right = np.linspace(-1, 1, height, dtype=np.float32)[:, None], np.linspace(-1, 1, width, dtype=np.float32)
    vignette = 1 - np.float32(rng.uniform(0.0, 0.2)) * (down**2 + right**2)
    rgb = rgb * (light.temperature * np.float32(light.exposure))[:, None, None] * vignette
    rgb = rgb + np.float32(rng.uniform(0.003, 0.02)) * rng.standard_normal(rgb.shape, np.float32)
    stored = np.rint(255 * np.clip(rgb, 0, 1) ** np.float32(1 / 2.2)).astype(np.uint8)
    return np.ascontiguousarray(stored.transpose(1, 2, 0))


def _softened(rgb: Floats, share: np.float32) -> Floats:
    """Returns a picture of which each pixel gives `share` of its light to each neighbour, down and then across."""
    for axis in (1, 2):
        length = rgb.shape[axis]
        edged = np.concatenate([rgb.take([0], axis), rgb, rgb.take([-1], axis)], axis)
        before, after = edged.take(range(length), axis), edged.take(range(2, length + 2), axis)
        rgb = rgb * (1 - 2 * share) + (before + after) * share
    return rgb
