"""Painting a terrain scene from back to front: sky, hills, ground, things that stand on it, air."""

from dataclasses import dataclass

import numpy as np

from edge_nas.data.terrain_scene import Scene, Thing, draw_things
from edge_nas.data.terrain_view import TILE, Colour, Flags, Floats, Tiles, View, sample


@dataclass(frozen=True)
class Canvas:
    """A scene in the making: `rgb` (3, h, w) linear float32; `free` (h, w) bool, the ground that can be driven on."""

    view: View
    tiles: Tiles
    rgb: Floats
    free: Flags


def paint(scene: Scene, view: View, tiles: Tiles, rng: np.random.Generator) -> Canvas:
    """Returns the painted scene, before the sensor."""
    canvas = Canvas(view, tiles, np.empty((3, *view.u.shape), np.float32), np.zeros(view.u.shape, np.bool_))
    _paint_sky(canvas, scene, rng)
    _paint_ground(canvas, scene, rng)
    if scene.kind == "corridor":
        _paint_walls(canvas, scene, rng)
    for thing in draw_things(scene, rng):
        _paint_thing(canvas, scene, thing, _offset(rng))
    return canvas


def _offset(rng: np.random.Generator) -> tuple[int, int]:
    row, column = rng.integers(0, TILE, 2).tolist()
    return row, column


def _flat(colour: Colour) -> Floats:
    """Returns a colour in the shape (3, 1, 1), to be spread over a canvas."""
    return colour[:, None, None]


def _mix(rgb: Floats, other: Floats | np.float32, share: Floats | Flags) -> Floats:
    """Returns rgb with `share` (h, w) of it replaced by `other`."""
    return rgb + (other - rgb) * share


def _hazed(rgb: Floats, z: Floats | float, scene: Scene) -> Floats:
    """Returns rgb as seen through z metres of air."""
    share = 1 - np.exp(-np.asarray(z, np.float32) / np.float32(scene.light.haze_m))
    return _mix(rgb, _flat(scene.light.haze), share)


def _paint_sky(canvas: Canvas, scene: Scene, rng: np.random.Generator) -> None:
    """Paints a gradient with clouds, two ranges of hills and a line of trees: everything above the horizon."""
    rows = int(np.flatnonzero((~canvas.view.below).any(axis=1)).max(initial=0)) + 1
    u, v, tiles, light = canvas.view.u[:rows], canvas.view.v[:rows], canvas.tiles, scene.light
    up = np.float32(canvas.view.camera.horizon) - v
    clouds = sample(tiles.clouds, v, u, 60, _offset(rng)) * np.float32(0.35) + np.float32(rng.uniform(-0.4, 0.3))
    rgb = _mix(_flat(light.haze), _flat(light.sky), np.sqrt(np.clip(up * 2, 0, 1)))
    rgb = _mix(rgb, np.float32(0.9), np.clip(clouds, 0, 0.8))
    for distance_m, tall in ((400.0, rng.uniform(0.0, 0.14)), (160.0, rng.uniform(0.01, 0.10)), (80.0, _trees(rng))):
        ridge = 1 + np.float32(0.35) * sample(tiles.clouds, np.zeros_like(u), u, 80, _offset(rng))
        if distance_m < 200:
            ridge += np.float32(0.12) * sample(tiles.leaves, np.zeros_like(u), u, 150, _offset(rng))
        leaves = np.clip(1 + np.float32(0.3) * sample(tiles.leaves, v, u, 170, _offset(rng)), 0.2, 2)
        colour = _flat(scene.foliage * np.float32(rng.uniform(0.6, 1.0))) * leaves
        rgb = np.where(up < np.float32(tall) * ridge, _hazed(colour, distance_m, scene), rgb)
    canvas.rgb[:, :rows] = rgb


def _trees(rng: np.random.Generator) -> float:
    """Returns how tall the nearest line of trees stands: none, a hedge, or a wood that hides the sky."""
    return float(rng.choice([0.0, rng.uniform(0.03, 0.15), rng.uniform(0.3, 0.7)]))


def _paint_ground(canvas: Canvas, scene: Scene, rng: np.random.Generator) -> None:
    """Paints cover and way with their textures, bare and overgrown patches, puddles and shadows."""
    view, tiles, way = canvas.view, canvas.tiles, scene.way
    ragged = sample(tiles.patches, view.z, view.x, 30, _offset(rng))
    inside = way.inside(view.x, view.z) + np.float32(way.roughness) * ragged
    canvas.free[:] = (inside > 0) & view.below
    patches = sample(tiles.patches, view.z, view.x, 28, _offset(rng))
    cover = _cover(canvas, scene, rng)
    ground = _textured(canvas, scene.ground, rng, grain=rng.uniform(0.06, 0.25), patches=rng.uniform(0.05, 0.2))
    rgb = _mix(cover, ground, np.clip(inside / np.float32(0.06) + 0.5, 0, 1))
    rgb = _mix(rgb, ground, np.float32(0.8) * ((patches > rng.uniform(1.6, 3.2)) & (inside < 0)))
    overgrown = patches < -rng.uniform(1.5, 3.0)
    if scene.middle_strip and scene.kind == "path":
        overgrown |= np.abs(view.x - way.centre(view.z)) < 0.3 * way.left * (1 + 0.3 * ragged)
    rgb = _mix(rgb, cover, np.float32(0.85) * (overgrown & (inside > 0)))
    if rng.random() < 0.25:
        puddle = (patches * 0.5 + ragged * 0.1 > rng.uniform(0.5, 0.9)) & (inside > 0.1)
        rgb = _mix(rgb, _flat(scene.light.sky * np.float32(0.8)), np.float32(0.75) * puddle)
    rgb *= _shade(canvas, scene, rng)
    np.copyto(canvas.rgb, _hazed(rgb, view.z, scene), where=view.below)


def _cover(canvas: Canvas, scene: Scene, rng: np.random.Generator) -> Floats:
    """Returns the colour of what grows beside the way: blades near, patches far, another hue here and there."""
    view = canvas.view
    cover = _textured(canvas, scene.cover, rng, grain=rng.uniform(0.2, 0.45), patches=rng.uniform(0.1, 0.3))
    blades = sample(canvas.tiles.blades, view.v * 1.5, view.u, 150, _offset(rng))
    cover *= 1 + 0.3 * blades * np.sqrt(view.sharp)
    other = np.clip(sample(canvas.tiles.clouds, view.z, view.x, 9, _offset(rng)) * 0.5, 0, 0.7)
    return _mix(cover, _flat(scene.foliage * np.float32(1.3)), other)


def _textured(canvas: Canvas, colour: Colour, rng: np.random.Generator, grain: float, patches: float) -> Floats:
    """Returns (3, h, w): the colour with fine and coarse variation of these relative strengths."""
    view, tiles = canvas.view, canvas.tiles
    fine = sample(tiles.grain, view.z, view.x, 70, _offset(rng)) * view.sharp
    coarse = sample(tiles.patches, view.z, view.x, 12, _offset(rng))
    return _flat(colour) * np.maximum(1 + np.float32(grain) * fine + np.float32(patches) * coarse, 0.15)


def _shade(canvas: Canvas, scene: Scene, rng: np.random.Generator) -> Floats:
    """Returns (3, h, w) factors: cast shadows, bluish since only the sky lights them."""
    view, light = canvas.view, scene.light
    cosine, sine = np.float32(np.cos(light.shadow_angle)), np.float32(np.sin(light.shadow_angle))
    along, across = view.x * cosine + view.z * sine, view.z * cosine - view.x * sine
    field = sample(canvas.tiles.patches, along * 0.3, across, 11, _offset(rng))
    threshold = rng.uniform(0.0, 0.6) if scene.dappled else rng.uniform(1.2, 2.5)
    shadow = np.clip((field - np.float32(threshold)) * 4, 0, 1)
    if rng.random() < 0.4:  # a row of trunks or posts
        spacing, width = rng.uniform(1.5, 5.0), rng.uniform(0.1, 0.5)
        stripe = np.mod(across + np.float32(rng.uniform(0, 5)) + 0.1 * field, np.float32(spacing)) < width
        shadow = np.maximum(shadow, stripe)
    colour = np.float32(light.sun * 0.72) * np.array([1.0, 0.97, 0.88], np.float32)
    factors: Floats = 1 - shadow * _flat(colour)
    return factors


def _paint_walls(canvas: Canvas, scene: Scene, rng: np.random.Generator) -> None:
    """Paints upright growth along both edges of a straight way: tall crop or a hedge."""
    view, way, camera = canvas.view, scene.way, canvas.view.camera
    slope = view.u / np.float32(camera.focal) + np.float32(camera.heading)
    for side in sorted((way.start - way.left, way.start + way.right), key=abs, reverse=True):
        with np.errstate(divide="ignore"):
            z = np.float32(side) / slope
        z = np.where((z > 0.2) & (z < 60), z, np.float32(60))
        tall = np.float32(camera.height_m) - (view.v - np.float32(camera.horizon)) * z / np.float32(camera.focal)
        top = scene.wall_m * (1 + 0.15 * sample(canvas.tiles.leaves, np.zeros_like(z), z, 40, _offset(rng)))
        hit = (tall > 0) & (tall < top) & (z < 60)
        leaves = sample(canvas.tiles.leaves, tall, z, 55, _offset(rng))
        blades = sample(canvas.tiles.blades, tall * 0.5, z, 90, _offset(rng))
        light = 0.45 + 0.6 * np.clip(tall / np.float32(scene.wall_m), 0, 1) + 0.25 * leaves + 0.15 * blades
        colour = _hazed(_flat(scene.foliage) * np.clip(light, 0.1, 2), z, scene)
        np.copyto(canvas.rgb, colour, where=hit)
        canvas.free[hit] = False


def _paint_thing(canvas: Canvas, scene: Scene, thing: Thing, offset: tuple[int, int]) -> None:
    """Paints one upright thing; what it hides is not free. Only the rows and columns it can touch are worked on."""
    view = canvas.view
    foot_u, foot_v, scale = view.project(thing.x, thing.z)
    window = _window(view, foot_u, foot_v - thing.lift_m * scale, thing.radius_m * scale, thing.tall_m * scale)
    if window is None:
        return
    u, v = view.u[window], view.v[window]
    aside = (u - np.float32(foot_u)) / np.float32(scale * thing.radius_m)
    up = ((np.float32(foot_v) - v) / np.float32(scale) - np.float32(thing.lift_m)) / np.float32(thing.tall_m)
    leaves = sample(canvas.tiles.leaves, v, u, 40 / scale, offset)
    if thing.outline == "post":
        hit = (np.abs(aside) < 1) & (up > 0) & (up < 1)
    else:
        ragged = 0.0 if thing.outline == "stone" else 0.35
        hit = (aside**2 + (2 * up - 1) ** 2 < 1 + np.float32(ragged) * leaves) & (up > np.float32(thing.sunk))
    side = np.float32(0.25 * scene.light.sun * np.cos(scene.light.shadow_angle)) * aside
    grain = np.float32(0.1 if thing.outline == "stone" else 0.3) * leaves
    colour = _hazed(_flat(thing.colour) * np.clip(0.55 + 0.5 * up + side + grain, 0.1, 2), thing.z, scene)
    np.copyto(canvas.rgb[:, *window], colour, where=hit)
    canvas.free[window][hit] = False


def _window(view: View, u: float, v: float, radius: float, tall: float) -> tuple[slice, slice] | None:
    """Returns the rows and columns around a thing that stands at (u, v), roll included; None where out of sight."""
    height, width = view.u.shape
    cosine, sine = np.cos(view.camera.roll), np.sin(view.camera.roll)
    centre_v, reach = v - tall / 2, 1.3 * np.hypot(radius, tall / 2)
    row = (centre_v * cosine - u * sine + 0.5) * height
    column = (u * cosine + centre_v * sine) * height + width / 2
    span = reach * height
    top, bottom = max(int(row - span), 0), min(int(row + span) + 1, height)
    left, right = max(int(column - span), 0), min(int(column + span) + 1, width)
    return (slice(top, bottom), slice(left, right)) if top < bottom and left < right else None
