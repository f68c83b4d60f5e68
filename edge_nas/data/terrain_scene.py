"""What a terrain scene holds, drawn at random: camera, light, colours, the ground that can be driven on, obstacles.

Ranges are chosen by eye, for a camera half a metre to a metre and a third above paths, fields and rows of crop; lengths
are metres, angles radians. Changing one, or the order of the draws, changes every picture.
"""

from dataclasses import dataclass
from typing import Literal

import numpy as np

from edge_nas.core.arrays import Floats
from edge_nas.data.terrain_view import Camera, Colour

Kind = Literal["path", "field", "corridor"]

# Linear RGB of what covers the ground beside the track, of the track, and of foliage.
COVERS = (
    (0.24, 0.34, 0.11),
    (0.17, 0.30, 0.09),
    (0.46, 0.42, 0.22),
    (0.56, 0.49, 0.28),
    (0.33, 0.24, 0.14),
    (0.27, 0.30, 0.15),
)
GROUNDS = (
    (0.40, 0.29, 0.19),
    (0.25, 0.19, 0.14),
    (0.50, 0.48, 0.44),
    (0.63, 0.53, 0.38),
    (0.50, 0.32, 0.20),
    (0.36, 0.44, 0.17),
    (0.36, 0.36, 0.37),
)
FOLIAGE = ((0.14, 0.26, 0.08), (0.10, 0.20, 0.07), (0.24, 0.30, 0.10), (0.36, 0.30, 0.12), (0.17, 0.22, 0.12))
LEAST_CONTRAST = 0.13  # between cover and track, as a distance of the square roots: about what an eye tells apart
ENDLESS_M = 60.0  # half width of a field's open side: wider than any picture shows


@dataclass(frozen=True)
class Light:
    """Sun and air. `sun` in [0, 1]: 0 overcast, 1 hard shadows; `shadow_angle` radians on the ground."""

    sun: float
    shadow_angle: float
    temperature: Colour
    exposure: float
    haze_m: float
    sky: Colour
    haze: Colour


@dataclass(frozen=True)
class Track:
    """The ground that can be driven on: left and right edge as functions of the distance ahead.

    Centre x(z) = start + curve z² / (1 + z / 12) + swing sin(z / wave + phase), so that it bends near and runs
    straight far away; half widths `left` and `right`, 60 where a field goes on for ever; a fork leaves the centre at
    `fork_z` with the slope `fork_slope`; the track ends at `end_z`. `roughness`: how far, in metres, the edge strays.
    """

    start: float
    curve: float
    swing: float
    wave: float
    phase: float
    left: float
    right: float
    fork_z: float | None
    fork_slope: float
    end_z: float
    roughness: float

    def inside(self, x: Floats, z: Floats) -> Floats:
        """Returns how far (metres, float32) each point lies inside the track; negative: outside."""
        from_centre = x - self.centre(z)
        depth: Floats = np.minimum(from_centre + np.float32(self.left), np.float32(self.right) - from_centre)
        if self.fork_z is not None:
            from_branch = from_centre - np.float32(self.fork_slope) * np.maximum(z - np.float32(self.fork_z), 0)
            branch = 0.8 * min(self.left, self.right) - np.abs(from_branch)
            depth = np.maximum(depth, np.where(z > self.fork_z, branch, np.float32(-9)))
        np.minimum(depth, np.float32(self.end_z) - z, out=depth)
        return depth

    def centre(self, z: Floats) -> Floats:
        """Returns the x (metres) of the track's centre at distances z."""
        bend = np.float32(self.curve) * z * z / (1 + z / np.float32(12))
        swing = np.float32(self.swing) * np.sin(z / np.float32(self.wave) + np.float32(self.phase))
        centre: Floats = bend + swing + np.float32(self.start)
        return centre


@dataclass(frozen=True)
class Scene:
    """Everything drawn before painting; colours are linear RGB."""

    kind: Kind
    camera: Camera
    light: Light
    track: Track
    cover: Colour
    ground: Colour
    foliage: Colour
    wall_m: float
    middle_strip: bool
    dappled: bool


def draw_scene(rng: np.random.Generator) -> Scene:
    """Returns a random scene."""
    kind: Kind = rng.choice(np.array(["path", "field", "corridor"]), p=[0.6, 0.2, 0.2]).item()
    cover, ground = _draw_colours(rng)
    return Scene(
        kind=kind,
        camera=_draw_camera(rng, kind),
        light=_draw_light(rng),
        track=_draw_track(rng, kind),
        cover=cover,
        ground=ground,
        foliage=_varied(rng, FOLIAGE[rng.integers(len(FOLIAGE))]),
        wall_m=rng.uniform(0.6, 2.2),
        middle_strip=_happens(rng, 0.25),
        dappled=_happens(rng, 0.4),
    )


def _happens(rng: np.random.Generator, chance: float) -> bool:
    return bool(rng.random() < chance)


def _draw_camera(rng: np.random.Generator, kind: Kind) -> Camera:
    return Camera(
        height_m=rng.uniform(0.5, 1.3),
        focal=rng.uniform(0.7, 1.1),
        horizon=rng.uniform(-0.42, 0.0),
        roll=rng.normal(0.0, 0.05),
        heading=rng.normal(0.0, 0.16 if kind == "corridor" else 0.3),
    )


def _draw_light(rng: np.random.Generator) -> Light:
    sunny = _happens(rng, 0.65)
    sun = float(rng.uniform(0.3, 1.0) if sunny else rng.uniform(0.0, 0.15))
    warmth = rng.normal(0.0, 0.09)
    overcast, blue = np.array([0.72, 0.75, 0.78]), np.array([0.30, 0.50, 0.82])
    sky = blue * sun + overcast * (1 - sun)
    return Light(
        sun=sun,
        shadow_angle=rng.uniform(0, np.pi),
        temperature=np.array([1 + warmth, 1.0, 1 - warmth], np.float32),
        exposure=float(np.exp(rng.normal(0.0, 0.22))),
        haze_m=float(np.exp(rng.uniform(np.log(25), np.log(300)))),
        sky=sky.astype(np.float32),
        haze=(0.5 * sky + 0.5 * np.array([0.80, 0.80, 0.78])).astype(np.float32),
    )


def _draw_track(rng: np.random.Generator, kind: Kind) -> Track:
    half_width = float(np.exp(rng.normal(np.log(0.65), 0.4))) * (1.2 if kind == "corridor" else 1.0)
    left, right = _draw_field_edges(rng) if kind == "field" else (half_width, half_width)
    straight = kind == "corridor"
    return Track(
        start=rng.normal(0.0, 0.35 if straight else 0.7),
        curve=0.0 if straight else rng.normal(0.0, 0.035),
        swing=0.0 if straight else rng.uniform(0.0, 0.5),
        wave=rng.uniform(1.5, 5.0),
        phase=rng.uniform(0, 2 * np.pi),
        left=left,
        right=right,
        fork_z=rng.uniform(2.0, 6.0) if kind == "path" and _happens(rng, 0.25) else None,
        fork_slope=rng.choice([-1, 1]) * rng.uniform(0.4, 1.0),
        end_z=rng.uniform(4.0, 25.0) if kind == "field" else np.inf,
        roughness=rng.uniform(0.03, 0.14),
    )


def _draw_field_edges(rng: np.random.Generator) -> tuple[float, float]:
    """Returns the half widths of a field that has an edge on one side only."""
    edge_on_the_left = _happens(rng, 0.5)
    edge_m = rng.uniform(0.4, 3.0)
    return (edge_m, ENDLESS_M) if edge_on_the_left else (ENDLESS_M, edge_m)


def _draw_colours(rng: np.random.Generator) -> tuple[Colour, Colour]:
    """Returns the colours of cover and track; drawn again until an eye could tell them apart."""
    while True:
        cover = _varied(rng, COVERS[rng.integers(len(COVERS))])
        ground = _varied(rng, GROUNDS[rng.integers(len(GROUNDS))])
        if float(np.linalg.norm(np.sqrt(cover) - np.sqrt(ground))) > LEAST_CONTRAST:
            return cover, ground


def _varied(rng: np.random.Generator, colour: tuple[float, float, float]) -> Colour:
    """Returns a colour a little brighter or darker, and of a slightly other hue."""
    brightness = np.exp(rng.normal(0, 0.10))
    varied: Colour = np.array(colour) * brightness * np.exp(rng.normal(0, 0.04, 3))
    return varied.astype(np.float32)


Outline = Literal["leaves", "post", "stone"]
ObstacleKind = Literal["bush", "tuft", "tree", "stone"]


@dataclass(frozen=True)
class Obstacle:
    """What stands upright at (x, z) and hides the ground behind it.

    `tall_m` high from `lift_m` above the ground, `radius_m` to each side; `sunk`: the share of its height that is
    underground.
    """

    x: float
    z: float
    radius_m: float
    tall_m: float
    lift_m: float
    sunk: float
    colour: Colour
    outline: Outline


def draw_obstacles(scene: Scene, rng: np.random.Generator) -> list[Obstacle]:
    """Returns bushes, tufts, trees and stones from far to near, most of them beside the track."""
    track = scene.track
    distances = np.exp(rng.uniform(np.log(2.5), np.log(25), rng.integers(3, 14)))
    obstacles: list[Obstacle] = []
    for z in np.sort(distances)[::-1].tolist():
        kind = rng.choice(["bush", "tuft", "tree", "stone"], p=[0.35, 0.25, 0.2, 0.2])
        away_m = float(np.exp(rng.normal(-0.6, 0.8)))
        x = float(track.centre(np.array(z, np.float32)))
        if kind == "stone" and _happens(rng, 0.4):  # a stone may lie in the way
            x += rng.uniform(-1, 1) * min(track.left, track.right)
        elif _happens(rng, 0.5):
            x += min(track.right, 4.0) + away_m
        else:
            x += -min(track.left, 4.0) - away_m
        obstacles += _draw_obstacle(scene, rng, kind, x, z)
    return obstacles


def _draw_obstacle(scene: Scene, rng: np.random.Generator, kind: ObstacleKind, x: float, z: float) -> list[Obstacle]:
    """Returns one obstacle; of a tree its trunk and its crown."""
    if kind == "bush":
        radius, tall = rng.uniform(0.3, 0.9), rng.uniform(0.4, 1.2)
        return [Obstacle(x, z, radius, tall, 0.0, 0.1, scene.foliage, "leaves")]
    if kind == "tuft":
        colour = scene.cover * np.float32(0.9)
        radius, tall = rng.uniform(0.1, 0.35), rng.uniform(0.2, 0.5)
        return [Obstacle(x, z, radius, tall, 0.0, 0.1, colour, "leaves")]
    if kind == "stone":
        grey = np.array([0.42, 0.40, 0.37], np.float32) * np.float32(rng.uniform(0.5, 1.3))
        tall, radius = rng.uniform(0.15, 0.5), rng.uniform(0.08, 0.35)
        return [Obstacle(x, z, radius, tall, -0.35 * tall, 0.35, grey, "stone")]
    bark = np.array([0.20, 0.16, 0.12], np.float32) * np.float32(rng.uniform(0.6, 1.3))
    trunk_m, crown_m = rng.uniform(1.0, 3.0), rng.uniform(0.8, 2.0)
    trunk_radius, crown_radius = rng.uniform(0.06, 0.2), crown_m * rng.uniform(0.6, 1.2)
    return [
        Obstacle(x, z, trunk_radius, trunk_m + crown_m, 0.0, 0.0, bark, "post"),
        Obstacle(x, z, crown_radius, 2 * crown_m, trunk_m, 0.0, scene.foliage, "leaves"),
    ]
