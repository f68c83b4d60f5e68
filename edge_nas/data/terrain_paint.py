"""Painting a terrain scene from back to front: sky, hills, ground, obstacles that stand on it, air.

Strengths, sizes and chances are chosen by eye, until scenes looked like ground that a small robot drives on. What they
have to achieve is tested in `test_terrain.py`: neither a fixed mask nor a colour finds the track. Changing one, or the
order of the random draws, changes every picture, and with it all figures measured on the built-in terrain.
"""

from dataclasses import dataclass

import numpy as np

from edge_nas.core.arrays import Floats
from edge_nas.data.terrain_scene import Obstacle, Scene, Track, draw_obstacles
from edge_nas.data.terrain_view import TILE, Colour, Flags, Tiles, View, sample

Offset = tuple[int, int]

# Hills and trees behind the ground, from far to near. What is nearer than this has an outline of leaves.
FAR_HILLS_M, NEAR_HILLS_M, TREES_M = 400.0, 160.0, 80.0
LEAFY_NEARER_THAN_M = 200
WALLS_END_M = 60  # beyond it, walls are narrower than a pixel
SHADE_OF_SUN = 0.72  # share of the light that a shadow takes away in full sun
SHADOW_TINT = (1.0, 0.97, 0.88)  # takes away less blue, for the sky still lights a shadow


@dataclass(frozen=True)
class Canvas:
    """A scene in the making.

    Attributes:
        view: what each pixel sees of the plane.
        tiles: noise of which textures are made.
        rng: of everything that is drawn while painting.
        rgb: (3, h, w) linear float32.
        free: (h, w) bool, the ground that can be driven on.
    """

    view: View
    tiles: Tiles
    rng: np.random.Generator
    rgb: Floats
    free: Flags

    def offset(self) -> Offset:
        """Draws where in a noise tile to begin, so that no two textures of a scene are the same."""
        row, column = self.rng.integers(0, TILE, 2).tolist()
        return row, column

    def texture(self, tile: Floats, rows: Floats, columns: Floats, cells_per_unit: float) -> Floats:
        """Draws a texture of a tile, see `sample`."""
        return sample(tile, rows, columns, cells_per_unit, self.offset())

    def ground_texture(self, tile: Floats, cells_per_metre: float) -> Floats:
        """Draws a texture that lies on the plane."""
        return self.texture(tile, self.view.z, self.view.x, cells_per_metre)


def paint(scene: Scene, view: View, tiles: Tiles, rng: np.random.Generator) -> Canvas:
    """Returns the painted scene, before the sensor."""
    size = view.u.shape
    canvas = Canvas(view, tiles, rng, rgb=np.empty((3, *size), np.float32), free=np.zeros(size, np.bool_))
    _paint_sky(canvas, scene)
    _paint_ground(canvas, scene)
    if scene.kind == "corridor":
        _paint_walls(canvas, scene)
    for obstacle in draw_obstacles(scene, rng):
        _paint_obstacle(canvas, scene, obstacle, canvas.offset())
    return canvas


def _everywhere(colour: Colour) -> Floats:
    """Returns a colour in the shape (3, 1, 1), to be spread over a canvas."""
    return colour[:, None, None]


def _blend(rgb: Floats, other: Floats | float, share: Floats | Flags) -> Floats:
    """Returns rgb with `share` (h, w) of it replaced by `other`."""
    return rgb + (other - rgb) * share


def _hazed(rgb: Floats, z: Floats | float, scene: Scene) -> Floats:
    """Returns rgb as seen through z metres of air: Beer and Lambert's law."""
    depth = np.asarray(z, np.float32) / scene.light.haze_m
    return _blend(rgb, _everywhere(scene.light.haze), 1 - np.exp(-depth))


def _paint_sky(canvas: Canvas, scene: Scene) -> None:
    """Paints a gradient with clouds, two ranges of hills and a line of trees: everything above the horizon."""
    above_horizon = (~canvas.view.below).any(axis=1)
    rows = int(np.flatnonzero(above_horizon).max(initial=0)) + 1
    u, v = canvas.view.u[:rows], canvas.view.v[:rows]
    rgb = _clouded_sky(canvas, scene, u, v)

    far_hills = canvas.rng.uniform(0.0, 0.14)
    near_hills = canvas.rng.uniform(0.01, 0.10)
    trees = _draw_trees(canvas.rng)
    for distance_m, tall in ((FAR_HILLS_M, far_hills), (NEAR_HILLS_M, near_hills), (TREES_M, trees)):
        outline = tall * _ridge(canvas, u, distance_m)
        leaves = 1 + 0.3 * canvas.texture(canvas.tiles.leaves, v, u, 170)
        foliage = scene.foliage * np.float32(canvas.rng.uniform(0.6, 1.0))
        colour = _everywhere(foliage) * np.clip(leaves, 0.2, 2)
        up = canvas.view.camera.horizon - v
        rgb = np.where(up < outline, _hazed(colour, distance_m, scene), rgb)
    canvas.rgb[:, :rows] = rgb


def _clouded_sky(canvas: Canvas, scene: Scene, u: Floats, v: Floats) -> Floats:
    """Returns the colours of the sky: haze at the horizon, blue higher up, clouds in places."""
    up = canvas.view.camera.horizon - v
    blueness = np.sqrt(np.clip(up * 2, 0, 1))
    sky = _blend(_everywhere(scene.light.haze), _everywhere(scene.light.sky), blueness)

    noise = 0.35 * canvas.texture(canvas.tiles.clouds, v, u, 60)
    clouds = noise + np.float32(canvas.rng.uniform(-0.4, 0.3))
    return _blend(sky, 0.9, np.clip(clouds, 0, 0.8))


def _draw_trees(rng: np.random.Generator) -> float:
    """Returns how tall the nearest line of trees stands: none, a hedge, or a wood that hides the sky."""
    hedge, wood = rng.uniform(0.03, 0.15), rng.uniform(0.3, 0.7)
    return float(rng.choice([0.0, hedge, wood]))


def _ridge(canvas: Canvas, u: Floats, distance_m: float) -> Floats:
    """Returns the outline of a range of hills or trees as factors of its height, around 1, for each u."""
    along = np.zeros_like(u)
    ridge = 1 + 0.35 * canvas.texture(canvas.tiles.clouds, along, u, 80)
    if distance_m < LEAFY_NEARER_THAN_M:
        ridge += 0.12 * canvas.texture(canvas.tiles.leaves, along, u, 150)
    return ridge


def _paint_ground(canvas: Canvas, scene: Scene) -> None:
    """Paints cover and track with their textures, bare and overgrown patches, puddles and shadows."""
    view, rng, track = canvas.view, canvas.rng, scene.track
    ragged = canvas.ground_texture(canvas.tiles.patches, 30)
    inside = track.inside(view.x, view.z) + track.roughness * ragged
    canvas.free[:] = (inside > 0) & view.below

    patches = canvas.ground_texture(canvas.tiles.patches, 28)
    cover = _cover(canvas, scene)
    grain, coarse = rng.uniform(0.06, 0.25), rng.uniform(0.05, 0.2)
    ground = _textured(canvas, scene.ground, grain=grain, coarse=coarse)
    # The edge is 6 cm wide in colour, but sharp in the mask.
    rgb = _blend(cover, ground, np.clip(inside / 0.06 + 0.5, 0, 1))

    bare = (patches > rng.uniform(1.6, 3.2)) & (inside < 0)
    rgb = _blend(rgb, ground, np.float32(0.8) * bare)
    overgrown = patches < -rng.uniform(1.5, 3.0)
    if scene.middle_strip and scene.kind == "path":
        overgrown |= _middle_strip(view, track, ragged)
    overgrown &= inside > 0
    rgb = _blend(rgb, cover, np.float32(0.85) * overgrown)
    if rng.random() < 0.25:
        wetness = patches * 0.5 + ragged * 0.1
        puddle = (wetness > rng.uniform(0.5, 0.9)) & (inside > 0.1)
        mirrored_sky = _everywhere(scene.light.sky * np.float32(0.8))
        rgb = _blend(rgb, mirrored_sky, np.float32(0.75) * puddle)

    rgb *= _shade(canvas, scene)
    np.copyto(canvas.rgb, _hazed(rgb, view.z, scene), where=view.below)


def _middle_strip(view: View, track: Track, ragged: Floats) -> Flags:
    """Returns what lies between the two ruts of a path: about the middle third of it."""
    from_centre = np.abs(view.x - track.centre(view.z))
    half_width = 0.3 * track.left * (1 + 0.3 * ragged)
    strip: Flags = from_centre < half_width
    return strip


def _cover(canvas: Canvas, scene: Scene) -> Floats:
    """Returns the colour of what grows beside the track: blades near, patches far, another hue here and there."""
    view, rng = canvas.view, canvas.rng
    grain, coarse = rng.uniform(0.2, 0.45), rng.uniform(0.1, 0.3)
    cover = _textured(canvas, scene.cover, grain=grain, coarse=coarse)
    blades = canvas.texture(canvas.tiles.blades, view.v * 1.5, view.u, 150)
    cover *= 1 + 0.3 * blades * np.sqrt(view.sharp)
    hue_noise = canvas.ground_texture(canvas.tiles.clouds, 9)
    other_hue = _everywhere(scene.foliage * np.float32(1.3))
    return _blend(cover, other_hue, np.clip(hue_noise * 0.5, 0, 0.7))


def _textured(canvas: Canvas, colour: Colour, grain: float, coarse: float) -> Floats:
    """Returns (3, h, w): the colour with fine and coarse variation of these relative strengths."""
    fine_noise = canvas.ground_texture(canvas.tiles.grain, 70) * canvas.view.sharp
    coarse_noise = canvas.ground_texture(canvas.tiles.patches, 12)
    brightness = 1 + grain * fine_noise + coarse * coarse_noise
    return _everywhere(colour) * np.maximum(brightness, 0.15)


def _shade(canvas: Canvas, scene: Scene) -> Floats:
    """Returns (3, h, w) factors: cast shadows, bluish since only the sky lights them."""
    view, light, rng = canvas.view, scene.light, canvas.rng
    cosine, sine = float(np.cos(light.shadow_angle)), float(np.sin(light.shadow_angle))
    along = view.x * cosine + view.z * sine
    across = view.z * cosine - view.x * sine
    field = canvas.texture(canvas.tiles.patches, along * 0.3, across, 11)
    threshold = rng.uniform(0.0, 0.6) if scene.dappled else rng.uniform(1.2, 2.5)
    shadow = np.clip((field - threshold) * 4, 0, 1)
    if rng.random() < 0.4:  # a row of trunks or posts
        spacing, width = rng.uniform(1.5, 5.0), rng.uniform(0.1, 0.5)
        position = across + rng.uniform(0, 5) + 0.1 * field
        trunks = np.mod(position, spacing) < width
        shadow = np.maximum(shadow, trunks)
    strength = np.float32(light.sun * SHADE_OF_SUN)
    factors: Floats = 1 - shadow * _everywhere(strength * np.array(SHADOW_TINT, np.float32))
    return factors


def _paint_walls(canvas: Canvas, scene: Scene) -> None:
    """Paints upright growth along both edges of a straight track, the farther side first: tall crop or a hedge."""
    track = scene.track
    edges = (track.start - track.left, track.start + track.right)
    for edge in sorted(edges, key=abs, reverse=True):
        _paint_wall(canvas, scene, edge)


def _paint_wall(canvas: Canvas, scene: Scene, edge: float) -> None:
    """Paints growth on the plane that stands on x = `edge` metres."""
    view, tiles, camera = canvas.view, canvas.tiles, canvas.view.camera
    slope = view.u / camera.focal + camera.heading
    with np.errstate(divide="ignore"):
        z = np.float32(edge) / slope  # where the pixel's ray meets the plane
    z = np.where((z > 0.2) & (z < WALLS_END_M), z, np.float32(WALLS_END_M))
    below_camera = (view.v - camera.horizon) * z / camera.focal
    height = camera.height_m - below_camera
    top_noise = canvas.texture(tiles.leaves, np.zeros_like(z), z, 40)
    top = scene.wall_m * (1 + 0.15 * top_noise)
    hit = (height > 0) & (height < top) & (z < WALLS_END_M)

    leaves = canvas.texture(tiles.leaves, height, z, 55)
    blades = canvas.texture(tiles.blades, height * 0.5, z, 90)
    from_sky = 0.45 + 0.6 * np.clip(height / scene.wall_m, 0, 1)  # the ground lies in the dark
    brightness = np.clip(from_sky + 0.25 * leaves + 0.15 * blades, 0.1, 2)
    colour = _hazed(_everywhere(scene.foliage) * brightness, z, scene)
    np.copyto(canvas.rgb, colour, where=hit)
    canvas.free[hit] = False


def _paint_obstacle(canvas: Canvas, scene: Scene, obstacle: Obstacle, offset: Offset) -> None:
    """Paints one obstacle; what it hides is not free. Only the rows and columns it can touch are worked on."""
    view, light = canvas.view, scene.light
    foot_u, foot_v, scale = view.project(obstacle.x, obstacle.z)
    lifted_v = foot_v - obstacle.lift_m * scale
    window = _window(view, foot_u, lifted_v, obstacle.radius_m * scale, obstacle.tall_m * scale)
    if window is None:
        return
    u, v = view.u[window], view.v[window]
    # In radii to the right of its middle, and in heights above its foot.
    aside = (u - foot_u) / (scale * obstacle.radius_m)
    above_ground_m = (foot_v - v) / scale
    up = (above_ground_m - obstacle.lift_m) / obstacle.tall_m
    leaves = sample(canvas.tiles.leaves, v, u, 40 / scale, offset)

    hit = _hit(obstacle, aside, up, leaves)
    sunlit = 0.25 * light.sun * float(np.cos(light.shadow_angle))
    grain = 0.1 if obstacle.outline == "stone" else 0.3
    brightness = 0.55 + 0.5 * up + sunlit * aside + grain * leaves
    colour = _everywhere(obstacle.colour) * np.clip(brightness, 0.1, 2)
    np.copyto(canvas.rgb[:, *window], _hazed(colour, obstacle.z, scene), where=hit)
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
