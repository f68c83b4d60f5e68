"""Painting a terrain scene from back to front: sky, hills, ground, obstacles that stand on it, air.

Strengths, sizes and chances are chosen by eye, until scenes looked like ground that a small robot drives on. What they
have to achieve is tested in `test_terrain.py`: neither a fixed mask nor a colour finds the track. Changing one, or the
order of the random draws, changes every picture, and with it all figures measured on the built-in terrain.
"""

from dataclasses import dataclass

import numpy as np

from edge_nas.core.arrays import Floats
from edge_nas.data.terrain_scene import Obstacle, Scene, draw_obstacles
from edge_nas.data.terrain_view import TILE, Colour, Flags, Tiles, View, sample

# Hills and trees behind the ground, from far to near. What is nearer than this has an outline of leaves.
FAR_HILLS_M, NEAR_HILLS_M, TREES_M = 400.0, 160.0, 80.0
LEAFY_NEARER_THAN_M = 200
WALLS_END_M = 60  # beyond it, walls are narrower than a pixel
SHADE_OF_SUN = 0.72  # share of the light that a shadow takes away in full sun
SHADOW_TINT = (1.0, 0.97, 0.88)  # takes away less blue, for the sky still lights a shadow


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
    for obstacle in draw_obstacles(scene, rng):
        _paint_obstacle(canvas, scene, obstacle, _offset(rng))
    return canvas


def _offset(rng: np.random.Generator) -> tuple[int, int]:
    """Returns where in a noise tile to begin, so that no two textures of a scene are the same."""
    row, column = rng.integers(0, TILE, 2).tolist()
    return row, column


def _everywhere(colour: Colour) -> Floats:
    """Returns a colour in the shape (3, 1, 1), to be spread over a canvas."""
    return colour[:, None, None]


def _blend(rgb: Floats, other: Floats | np.float32, share: Floats | Flags) -> Floats:
    """Returns rgb with `share` (h, w) of it replaced by `other`."""
    return rgb + (other - rgb) * share


def _hazed(rgb: Floats, z: Floats | float, scene: Scene) -> Floats:
    """Returns rgb as seen through z metres of air: Beer and Lambert's law."""
    share = 1 - np.exp(-np.asarray(z, np.float32) / np.float32(scene.light.haze_m))
    return _blend(rgb, _everywhere(scene.light.haze), share)


def _paint_sky(canvas: Canvas, scene: Scene, rng: np.random.Generator) -> None:
    """Paints a gradient with clouds, two ranges of hills and a line of trees: everything above the horizon."""
    above_horizon = (~canvas.view.below).any(axis=1)
    rows = int(np.flatnonzero(above_horizon).max(initial=0)) + 1
    u, v, tiles, light = canvas.view.u[:rows], canvas.view.v[:rows], canvas.tiles, scene.light
    up = np.float32(canvas.view.camera.horizon) - v

    noise = sample(tiles.clouds, v, u, 60, _offset(rng)) * np.float32(0.35)
    clouds = noise + np.float32(rng.uniform(-0.4, 0.3))
    rgb = _blend(_everywhere(light.haze), _everywhere(light.sky), np.sqrt(np.clip(up * 2, 0, 1)))
    rgb = _blend(rgb, np.float32(0.9), np.clip(clouds, 0, 0.8))

    far_hills, near_hills, trees = rng.uniform(0.0, 0.14), rng.uniform(0.01, 0.10), _draw_trees(rng)
    for distance_m, tall in ((FAR_HILLS_M, far_hills), (NEAR_HILLS_M, near_hills), (TREES_M, trees)):
        outline = tall * _ridge(canvas, u, distance_m, rng)
        leaves = np.clip(1 + np.float32(0.3) * sample(tiles.leaves, v, u, 170, _offset(rng)), 0.2, 2)
        colour = _everywhere(scene.foliage * np.float32(rng.uniform(0.6, 1.0))) * leaves
        rgb = np.where(up < outline, _hazed(colour, distance_m, scene), rgb)
    canvas.rgb[:, :rows] = rgb


def _draw_trees(rng: np.random.Generator) -> float:
    """Returns how tall the nearest line of trees stands: none, a hedge, or a wood that hides the sky."""
    hedge, wood = rng.uniform(0.03, 0.15), rng.uniform(0.3, 0.7)
    return float(rng.choice([0.0, hedge, wood]))


def _ridge(canvas: Canvas, u: Floats, distance_m: float, rng: np.random.Generator) -> Floats:
    """Returns the outline of a range of hills or trees as factors of its height, around 1, for each u."""
    along = np.zeros_like(u)
    ridge = 1 + np.float32(0.35) * sample(canvas.tiles.clouds, along, u, 80, _offset(rng))
    if distance_m < LEAFY_NEARER_THAN_M:
        ridge += np.float32(0.12) * sample(canvas.tiles.leaves, along, u, 150, _offset(rng))
    return ridge


def _paint_ground(canvas: Canvas, scene: Scene, rng: np.random.Generator) -> None:
    """Paints cover and track with their textures, bare and overgrown patches, puddles and shadows."""
    view, tiles, track = canvas.view, canvas.tiles, scene.track
    ragged = sample(tiles.patches, view.z, view.x, 30, _offset(rng))
    inside = track.inside(view.x, view.z) + np.float32(track.roughness) * ragged
    canvas.free[:] = (inside > 0) & view.below

    patches = sample(tiles.patches, view.z, view.x, 28, _offset(rng))
    cover = _cover(canvas, scene, rng)
    grain, coarse = rng.uniform(0.06, 0.25), rng.uniform(0.05, 0.2)
    ground = _textured(canvas, scene.ground, rng, grain=grain, coarse=coarse)
    # The edge is 6 cm wide in colour, but sharp in the mask.
    rgb = _blend(cover, ground, np.clip(inside / np.float32(0.06) + 0.5, 0, 1))

    bare = (patches > rng.uniform(1.6, 3.2)) & (inside < 0)
    rgb = _blend(rgb, ground, np.float32(0.8) * bare)
    overgrown = patches < -rng.uniform(1.5, 3.0)
    if scene.middle_strip and scene.kind == "path":
        from_centre = np.abs(view.x - track.centre(view.z))
        overgrown |= from_centre < 0.3 * track.left * (1 + 0.3 * ragged)
    rgb = _blend(rgb, cover, np.float32(0.85) * (overgrown & (inside > 0)))
    if rng.random() < 0.25:
        puddle = (patches * 0.5 + ragged * 0.1 > rng.uniform(0.5, 0.9)) & (inside > 0.1)
        mirrored_sky = _everywhere(scene.light.sky * np.float32(0.8))
        rgb = _blend(rgb, mirrored_sky, np.float32(0.75) * puddle)

    rgb *= _shade(canvas, scene, rng)
    np.copyto(canvas.rgb, _hazed(rgb, view.z, scene), where=view.below)


def _cover(canvas: Canvas, scene: Scene, rng: np.random.Generator) -> Floats:
    """Returns the colour of what grows beside the track: blades near, patches far, another hue here and there."""
    view = canvas.view
    grain, coarse = rng.uniform(0.2, 0.45), rng.uniform(0.1, 0.3)
    cover = _textured(canvas, scene.cover, rng, grain=grain, coarse=coarse)
    blades = sample(canvas.tiles.blades, view.v * 1.5, view.u, 150, _offset(rng))
    cover *= 1 + 0.3 * blades * np.sqrt(view.sharp)
    other_hue = np.clip(sample(canvas.tiles.clouds, view.z, view.x, 9, _offset(rng)) * 0.5, 0, 0.7)
    return _blend(cover, _everywhere(scene.foliage * np.float32(1.3)), other_hue)


def _textured(canvas: Canvas, colour: Colour, rng: np.random.Generator, grain: float, coarse: float) -> Floats:
    """Returns (3, h, w): the colour with fine and coarse variation of these relative strengths."""
    view, tiles = canvas.view, canvas.tiles
    fine_noise = sample(tiles.grain, view.z, view.x, 70, _offset(rng)) * view.sharp
    coarse_noise = sample(tiles.patches, view.z, view.x, 12, _offset(rng))
    brightness = 1 + np.float32(grain) * fine_noise + np.float32(coarse) * coarse_noise
    return _everywhere(colour) * np.maximum(brightness, 0.15)


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
        position = across + np.float32(rng.uniform(0, 5)) + 0.1 * field
        shadow = np.maximum(shadow, np.mod(position, np.float32(spacing)) < width)
    colour = np.float32(light.sun * SHADE_OF_SUN) * np.array(SHADOW_TINT, np.float32)
    factors: Floats = 1 - shadow * _everywhere(colour)
    return factors


def _paint_walls(canvas: Canvas, scene: Scene, rng: np.random.Generator) -> None:
    """Paints upright growth along both edges of a straight track, the farther side first: tall crop or a hedge."""
    view, track, camera = canvas.view, scene.track, canvas.view.camera
    slope = view.u / np.float32(camera.focal) + np.float32(camera.heading)
    edges = (track.start - track.left, track.start + track.right)
    for edge in sorted(edges, key=abs, reverse=True):
        with np.errstate(divide="ignore"):
            z = np.float32(edge) / slope  # where the pixel's ray meets the plane that stands on the edge
        z = np.where((z > 0.2) & (z < WALLS_END_M), z, np.float32(WALLS_END_M))
        below_camera = (view.v - np.float32(camera.horizon)) * z / np.float32(camera.focal)
        height = np.float32(camera.height_m) - below_camera
        top_noise = sample(canvas.tiles.leaves, np.zeros_like(z), z, 40, _offset(rng))
        hit = (height > 0) & (height < scene.wall_m * (1 + 0.15 * top_noise)) & (z < WALLS_END_M)
        leaves = sample(canvas.tiles.leaves, height, z, 55, _offset(rng))
        blades = sample(canvas.tiles.blades, height * 0.5, z, 90, _offset(rng))
        light = 0.45 + 0.6 * np.clip(height / np.float32(scene.wall_m), 0, 1) + 0.25 * leaves + 0.15 * blades
        colour = _hazed(_everywhere(scene.foliage) * np.clip(light, 0.1, 2), z, scene)
        np.copyto(canvas.rgb, colour, where=hit)
        canvas.free[hit] = False


def _paint_obstacle(canvas: Canvas, scene: Scene, obstacle: Obstacle, offset: tuple[int, int]) -> None:
    """Paints one obstacle; what it hides is not free. Only the rows and columns it can touch are worked on."""
    view = canvas.view
    foot_u, foot_v, scale = view.project(obstacle.x, obstacle.z)
    lifted_v = foot_v - obstacle.lift_m * scale
    window = _window(view, foot_u, lifted_v, obstacle.radius_m * scale, obstacle.tall_m * scale)
    if window is None:
        return
    u, v = view.u[window], view.v[window]
    # In radii to the right of its middle, and in heights above its foot.
    aside = (u - np.float32(foot_u)) / np.float32(scale * obstacle.radius_m)
    above_ground_m = (np.float32(foot_v) - v) / np.float32(scale)
    up = (above_ground_m - np.float32(obstacle.lift_m)) / np.float32(obstacle.tall_m)
    leaves = sample(canvas.tiles.leaves, v, u, 40 / scale, offset)

    hit = _hit(obstacle, aside, up, leaves)
    sunlit_side = np.float32(0.25 * scene.light.sun * np.cos(scene.light.shadow_angle)) * aside
    grain = np.float32(0.1 if obstacle.outline == "stone" else 0.3) * leaves
    brightness = np.clip(0.55 + 0.5 * up + sunlit_side + grain, 0.1, 2)
    colour = _hazed(_everywhere(obstacle.colour) * brightness, obstacle.z, scene)
    np.copyto(canvas.rgb[:, *window], colour, where=hit)
    canvas.free[window][hit] = False


def _hit(obstacle: Obstacle, aside: Floats, up: Floats, leaves: Floats) -> Flags:
    """Returns which pixels an obstacle covers: a post a rectangle, all others an ellipse, ragged but for stones."""
    if obstacle.outline == "post":
        return (np.abs(aside) < 1) & (up > 0) & (up < 1)
    ragged = 0.0 if obstacle.outline == "stone" else 0.35
    in_ellipse = aside**2 + (2 * up - 1) ** 2 < 1 + np.float32(ragged) * leaves
    hit: Flags = in_ellipse & (up > np.float32(obstacle.sunk))
    return hit


def _window(view: View, u: float, v: float, radius: float, tall: float) -> tuple[slice, slice] | None:
    """Returns the rows and columns around an obstacle that stands at (u, v); None where it is out of sight.

    The roll of the camera turns the obstacle, so that the window is as wide and high as the circle around it, with 30 %
    to spare for ragged leaves.
    """
    height, width = view.u.shape
    cosine, sine = np.cos(view.camera.roll), np.sin(view.camera.roll)
    centre_v, reach = v - tall / 2, 1.3 * np.hypot(radius, tall / 2)
    row = (centre_v * cosine - u * sine + 0.5) * height
    column = (u * cosine + centre_v * sine) * height + width / 2
    span = reach * height
    top, bottom = max(int(row - span), 0), min(int(row + span) + 1, height)
    left, right = max(int(column - span), 0), min(int(column + span) + 1, width)
    in_sight = top < bottom and left < right
    return (slice(top, bottom), slice(left, right)) if in_sight else None
