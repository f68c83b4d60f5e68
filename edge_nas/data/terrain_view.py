"""The geometry and the raw material of a terrain scene: a camera over a plane, and tiles of noise.

Lengths are metres on the ground, x to the right and z ahead of the camera; image coordinates u (right) and v (down)
are in image heights from the image's centre, after the roll is taken out, so that the horizon is a line of equal v.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from edge_nas.core.arrays import Floats

# Floats are float32 at run time; numpy's types take float32 times a Python float for float64.
Flags = npt.NDArray[np.bool_]
Colour = Floats

TILE = 256  # cells along each side of a noise tile; 2**8, so that wrapping is a bit mask and a row 8 bits up
FARTHEST_M = 80.0  # of a point on the plane; just below the horizon they would be at infinity
HALF_SHARP_M = 6.0  # a texture has lost half of its contrast here


@dataclass(frozen=True)
class Tiles:
    """Noise that wraps around at its edges: (256, 256) float32 each, mean 0, standard deviation 1.

    From `clouds` to `grain` the noise gets finer; `blades` is grain drawn out along its first axis.
    """

    clouds: Floats
    patches: Floats
    leaves: Floats
    grain: Floats
    blades: Floats


def draw_tiles(rng: np.random.Generator) -> Tiles:
    """Returns one set of noise tiles."""
    return Tiles(
        clouds=_draw_tile(rng, slope=1.9, lowest=2),
        patches=_draw_tile(rng, slope=1.5, lowest=4),
        leaves=_draw_tile(rng, slope=1.0, lowest=8),
        grain=_draw_tile(rng, slope=0.5, lowest=24),
        blades=_draw_tile(rng, slope=1.0, lowest=24, stretch=4.0),
    )


def _draw_tile(rng: np.random.Generator, slope: float, lowest: float, stretch: float = 1.0) -> Floats:
    """Returns white noise that was given a power-law spectrum.

    Args:
        rng: of the noise.
        slope: amplitude falls with frequency to this power; the steeper, the coarser.
        lowest: frequencies below it, in cycles per tile, are left out, so that no tile is brighter on one side.
        stretch: how much longer details are along the first axis.
    """
    frequency = np.fft.fftfreq(TILE) * TILE
    vertical, horizontal = np.abs(frequency)[:, None], np.abs(frequency[: TILE // 2 + 1])[None, :]
    radius = np.hypot(vertical * stretch, horizontal)
    amplitude = np.where(radius < lowest, 0.0, np.maximum(radius, 1.0) ** -slope)
    spectrum = np.fft.rfft2(rng.standard_normal((TILE, TILE))) * amplitude
    noise: Floats = np.fft.irfft2(spectrum, s=(TILE, TILE))
    noise /= noise.std()
    return noise.astype(np.float32)


def sample(tile: Floats, rows: Floats, columns: Floats, cells_per_unit: float, offset: tuple[int, int]) -> Floats:
    """Returns the tile's values at (rows, columns) given in any unit, wrapped, nearest cell."""
    row = (rows * cells_per_unit).astype(np.int32) + offset[0]
    column = (columns * cells_per_unit).astype(np.int32) + offset[1]
    wrapped_row, wrapped_column = row & (TILE - 1), column & (TILE - 1)
    # One index into the flat tile takes half the time of two into the square one.
    values: Floats = tile.ravel()[(wrapped_row << 8) | wrapped_column]
    return values


@dataclass(frozen=True)
class Camera:
    """A pinhole camera `height_m` above the plane; `focal` in image heights, `horizon` = v of the horizon.

    `roll` in radians; `heading` = tangent of the angle between the view and the z axis of the scene.
    """

    height_m: float
    focal: float
    horizon: float
    roll: float
    heading: float


@dataclass(frozen=True)
class View:
    """What each pixel of a (h, w) image sees of the plane.

    Attributes:
        camera: where it is seen from.
        u, v: image coordinates, float32.
        below: whether the pixel lies below the horizon.
        x, z: the point of the plane, metres, float32; above the horizon they mean nothing.
        sharp: how much of a texture with details of 1 cm per cell is left at this distance, (0, 1], float32.
    """

    camera: Camera
    u: Floats
    v: Floats
    below: Flags
    x: Floats
    z: Floats
    sharp: Floats

    def project(self, x: float, z: float) -> tuple[float, float, float]:
        """Returns (u, v, image heights per metre) of the point (x, z) of the plane."""
        scale = self.camera.focal / z
        return (x - self.camera.heading * z) * scale, self.camera.horizon + self.camera.height_m * scale, scale


def look(camera: Camera, height: int, width: int) -> View:
    """Returns what each pixel of a height x width image sees."""
    # Image coordinates of the pixels' centres, then turned back by the roll.
    rows = ((np.arange(height, dtype=np.float32) + 0.5) / height - 0.5)[:, None]
    columns = ((np.arange(width, dtype=np.float32) + 0.5 - width / 2) / height)[None, :]
    cosine, sine = np.float32(np.cos(camera.roll)), np.float32(np.sin(camera.roll))
    u, v = columns * cosine - rows * sine, columns * sine + rows * cosine
    # Similar triangles: a pixel `drop` below the horizon sees the plane at focal * height / drop.
    least_drop = camera.focal * camera.height_m / FARTHEST_M
    drop = np.maximum(v - np.float32(camera.horizon), np.float32(least_drop))
    z = np.float32(camera.focal * camera.height_m) / drop
    x = u * z / np.float32(camera.focal) + np.float32(camera.heading) * z
    sharp = 1.0 / (1.0 + (z / np.float32(HALF_SHARP_M)) ** 2)
    return View(camera, u, v, v > camera.horizon, x, z, sharp)
