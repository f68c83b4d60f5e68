"""The built-in data set: procedural scenes of a path or field in perspective, no download needed.

A scene is drawn (`terrain_scene`), painted at three times the size asked for (`terrain_paint`, over the geometry of
`terrain_view`) and taken by a plain camera here: area down-sampling, lens, exposure, gamma, noise. The mask is the
ground that can be driven on. Where it lies, and its colour against what grows beside it, vary so much that neither a
fixed mask nor a threshold on colour finds it.
"""

import numpy as np
import numpy.typing as npt

from edge_nas.core.config import TerrainSpec
from edge_nas.data.dataset import Dataset, ImageSet
from edge_nas.data.terrain_paint import paint
from edge_nas.data.terrain_scene import Light, draw_scene
from edge_nas.data.terrain_view import Flags, Floats, Tiles, draw_tiles, look

OVERSAMPLING = 2
LEAST_FREE, MOST_FREE = 0.04, 0.85  # share of foreground in a scene that is worth showing


def generate_terrain(spec: TerrainSpec, input_shape: tuple[int, int, int]) -> Dataset:
    """Returns the data set of `spec`; the same for the same arguments.

    Every scene has a random stream of its own, made from (seed, split, index): splits never share one, and asking for
    more images leaves the first ones as they are.

    Args:
        spec: images per split, and the seed.
        input_shape: (H, W, 3) of the images.
    """
    counts = {"train": spec.train_images, "val": spec.val_images, "test": spec.test_images}
    splits = {
        name: _generate_split(spec.seed, number, count, input_shape)
        for number, (name, count) in enumerate(counts.items())
    }
    return Dataset(splits["train"], splits["val"], splits["test"])


def _generate_split(seed: int, split: int, count: int, input_shape: tuple[int, int, int]) -> ImageSet:
    height, width, _ = input_shape
    images, masks = np.empty((count, height, width, 3), np.uint8), np.empty((count, height, width), np.uint8)
    tiles = draw_tiles(np.random.default_rng([seed, split]))
    for index in range(count):
        images[index], masks[index] = _take_picture(np.random.default_rng([seed, split, index]), tiles, height, width)
    return ImageSet(images, masks, tuple(f"{index:04d}" for index in range(count)))


def _take_picture(
    rng: np.random.Generator, tiles: Tiles, height: int, width: int
) -> tuple[npt.NDArray[np.uint8], npt.NDArray[np.uint8]]:
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
    step = range(OVERSAMPLING)  # adding slices is ten times as fast as a mean over axes this short
    parts = [array[..., row::OVERSAMPLING, column::OVERSAMPLING] for row in step for column in step]
    total: Floats = np.sum(parts, axis=0, dtype=np.float32)
    return total / np.float32(len(parts))


def _expose(rgb: Floats, light: Light, rng: np.random.Generator) -> npt.NDArray[np.uint8]:
    """Returns linear light (3, H, W) as a cheap camera stores it: soft, vignetted, noisy, gamma 2.2.

    The picture is (H, W, 3) uint8.
    """
    height, width = rgb.shape[1:]
    soft = np.float32(rng.uniform(0.0, 0.22))
    for axis in (1, 2):
        edged = np.concatenate([rgb.take([0], axis), rgb, rgb.take([-1], axis)], axis)
        before, after = (edged.take(range(start, start + rgb.shape[axis]), axis) for start in (0, 2))
        rgb = rgb * (1 - 2 * soft) + (before + after) * soft
    down, right = np.linspace(-1, 1, height, dtype=np.float32)[:, None], np.linspace(-1, 1, width, dtype=np.float32)
    vignette = 1 - np.float32(rng.uniform(0.0, 0.2)) * (down**2 + right**2)
    rgb = rgb * (light.temperature * np.float32(light.exposure))[:, None, None] * vignette
    rgb = rgb + np.float32(rng.uniform(0.003, 0.02)) * rng.standard_normal(rgb.shape, np.float32)
    stored = np.rint(255 * np.clip(rgb, 0, 1) ** np.float32(1 / 2.2)).astype(np.uint8)
    return np.ascontiguousarray(stored.transpose(1, 2, 0))
