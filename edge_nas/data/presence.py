"""The built-in grey pictures: is there somebody in the room?

A room is walls, floor and things: boxes, balls, poles, lamps on poles, coats on hooks. Somebody is a head on shoulders
with a body, arms and legs, near or far, whole or half behind a thing, brighter or darker than the room. Things are made
of the same ellipses and bars, of the same sizes and shades, so that neither a shade nor a round spot nor an upright bar
gives anybody away: only how they hang together does.
"""

from typing import ClassVar, Literal

import numpy as np
from pydantic import Field

from edge_nas.core.arrays import Floats, Pixels
from edge_nas.data.procedural import DrawnSource, DrawnSpec, draw_splits
from edge_nas.data.splits import Shape, SourceSplits
from edge_nas.tasks import Task

CLASSES = ("nobody", "somebody")
_SHOWS = 0.15
"""Of the range of light: less is hard to see in a noisy picture."""


class PresenceSource(DrawnSource):
    """Procedural grey pictures of rooms, no files: whether there is somebody."""

    phrase: ClassVar[str] = "the built-in grey pictures"
    picture_channels: ClassVar[tuple[int, ...] | None] = (1,)

    source: Literal["presence"] = Field(default="presence", description="procedural grey pictures of rooms, no files")
    presence: DrawnSpec = Field(default=DrawnSpec(), description="how many pictures, and their seed")

    def read_splits(self, task: type[Task]) -> SourceSplits:  # noqa: ARG002 - all such tasks have the same labels
        """Returns the pictures."""
        shape = self.input_shape

        def draw(rng: np.random.Generator, label: int) -> Pixels:
            return draw_room(rng, shape, somebody=label == 1)

        return draw_splits(self.presence, CLASSES, draw, self.phrase)


def draw_room(rng: np.random.Generator, shape: Shape, *, somebody: bool) -> Pixels:
    """Returns a picture (H, W, 1) uint8 of a room, with or without somebody in it."""
    canvas = _Canvas(rng, *shape[:2])
    things = int(rng.integers(1, 6))
    behind = int(rng.integers(0, things + 1))
    for _ in range(behind):
        canvas.thing()
    if somebody:
        canvas.person()
    for _ in range(things - behind):
        canvas.thing(small=somebody)
    return canvas.taken()


class _Canvas:
    """A room in linear light, from 0 to 1; lengths are shares of its height, x to the right and y down."""

    def __init__(self, rng: np.random.Generator, height: int, width: int) -> None:
        self._rng = rng
        self._soft = 1.0 / height
        self._y, self._x = np.meshgrid(
            (np.arange(height) + 0.5) / height, (np.arange(width) + 0.5) / height, indexing="ij"
        )
        self._right = width / height
        floor = rng.uniform(0.45, 0.8)
        self._wall, ground = (float(shade) for shade in rng.uniform(0.1, 0.9, 2))
        slope = rng.normal(0.0, 0.15, 2)
        light = slope[0] * (self._x - 0.5) + slope[1] * (self._y - 0.5)
        self._light: Floats = np.where(self._y > floor, ground, self._wall) + light

    def person(self) -> None:
        """Draws somebody who stands, walks or leans."""
        rng = self._rng
        tall = rng.uniform(0.55, 1.2)
        x, top = rng.uniform(0.15, self._right - 0.15), rng.uniform(0.02, max(0.05, 1.0 - 0.85 * tall))
        lean, head = rng.normal(0.0, 0.08), 0.075 * tall * rng.uniform(0.85, 1.15)
        skin, cloth, trousers = (self._shade_that_shows() for _ in range(3))
        shoulders = (x + lean * tall * 0.1, top + 2.3 * head)
        hips = (x + lean * tall * 0.5, top + 0.52 * tall)
        for side in (-1.0, 1.0):  # legs and arms, then the body over them
            foot = (hips[0] + side * rng.uniform(0.02, 0.13) * tall, top + tall)
            self._bar((hips[0] + side * 0.035 * tall, hips[1]), foot, 0.045 * tall, trousers)
            hand = (shoulders[0] + side * rng.uniform(0.1, 0.22) * tall, shoulders[1] + rng.uniform(0.1, 0.36) * tall)
            self._bar((shoulders[0] + side * 0.09 * tall, shoulders[1] + 0.03 * tall), hand, 0.032 * tall, cloth)
        self._bar((shoulders[0], shoulders[1] + 0.05 * tall), hips, 0.1 * tall * rng.uniform(0.8, 1.2), cloth)
        self._ellipse(x, top + head, 0.8 * head, head, skin)

    def _shade_that_shows(self) -> float:
        """Returns a shade that is not the wall's: nobody could see who wears that."""
        shades = self._rng.uniform(0.05, 0.95, 8)
        return float(next((shade for shade in shades if abs(shade - self._wall) > _SHOWS), 1.0 - self._wall))

    def thing(self, *, small: bool = False) -> None:
        """Draws one of the things that are in rooms; a small one hides no more than half of somebody."""
        rng = self._rng
        x, y, shade = rng.uniform(0.0, self._right), rng.uniform(0.1, 1.0), rng.uniform(0.05, 0.95)
        size = rng.uniform(0.05, 0.14 if small else 0.25)
        kind = rng.integers(5)
        if kind == 0:  # a box, a picture, a window
            self._box(x, y, size, size * rng.uniform(0.5, 2.0), shade)
        elif kind == 1:  # a ball, a plate
            self._ellipse(x, y, size * rng.uniform(0.4, 0.7), size * 0.5, shade)
        elif kind == 2:  # a pole, a shelf
            end = (x + rng.normal(0.0, 0.3) * size, y - rng.uniform(1.0, 3.0) * size)
            self._bar((x, y), end, size * rng.uniform(0.08, 0.3), shade)
        elif kind == 3:  # a lamp: a round spot on a pole
            self._bar((x, y), (x, y - 2.5 * size), size * rng.uniform(0.06, 0.12), shade)
            self._ellipse(x, y - 2.5 * size, 0.35 * size, 0.4 * size, rng.uniform(0.05, 0.95))
        else:  # a coat: a body without a head
            self._bar((x, y), (x, y - 1.3 * size), 0.35 * size, shade)
            for side in (-1.0, 1.0):
                self._bar((x + side * 0.3 * size, y - 1.3 * size), (x + side * 0.5 * size, y), 0.12 * size, shade)

    def taken(self) -> Pixels:
        """Returns what a cheap camera makes of the room: exposure, blur of the sensor, noise, gamma 2.2."""
        rng = self._rng
        light = np.clip(self._light * rng.uniform(0.5, 1.3), 0.0, 1.5)
        light = light + rng.uniform(0.005, 0.03) * rng.standard_normal(light.shape)
        stored: Pixels = np.rint(255 * np.clip(light, 0.0, 1.0) ** (1 / 2.2)).astype(np.uint8)
        return stored[..., np.newaxis]

    def _ellipse(self, x: float, y: float, across: float, up: float, shade: float) -> None:
        distance = np.hypot((self._x - x) / across, (self._y - y) / up) - 1.0
        self._paint(distance * min(across, up), shade)

    def _box(self, x: float, y: float, width: float, height: float, shade: float) -> None:
        self._paint(np.maximum(np.abs(self._x - x) - width / 2, np.abs(self._y - y) - height / 2), shade)

    def _bar(self, start: tuple[float, float], end: tuple[float, float], thick: float, shade: float) -> None:
        """Paints all that is within `thick` of the line between two places."""
        along = (end[0] - start[0], end[1] - start[1])
        squared = max(along[0] ** 2 + along[1] ** 2, 1e-9)
        share = ((self._x - start[0]) * along[0] + (self._y - start[1]) * along[1]) / squared
        share = np.clip(share, 0.0, 1.0)
        distance = np.hypot(self._x - start[0] - share * along[0], self._y - start[1] - share * along[1])
        self._paint(distance - thick, shade)

    def _paint(self, distance: Floats, shade: float) -> None:
        """Paints what lies inside (distance < 0), with an edge as soft as a pixel and a shade that varies a little."""
        cover = np.clip(0.5 - distance / self._soft, 0.0, 1.0)
        shaded = shade * (1.0 + 0.25 * np.clip(self._x - 0.5, -0.5, 0.5))
        self._light = self._light * (1.0 - cover) + shaded * cover
