from dataclasses import replace

import numpy as np
import pytest

from edge_nas.data import terrain_paint
from edge_nas.data.terrain_paint import Canvas, paint
from edge_nas.data.terrain_scene import Obstacle, Scene, draw_scene
from edge_nas.data.terrain_view import Camera, Tiles, draw_tiles, look


@pytest.fixture(scope="module")
def tiles() -> Tiles:
    return draw_tiles(np.random.default_rng(0))


@pytest.fixture
def scene() -> Scene:
    """A straight level path, 1 m to each side, with sharp edges and without obstacles."""
    drawn = next(s for s in (draw_scene(np.random.default_rng(seed)) for seed in range(50)) if s.kind == "path")
    track = replace(
        drawn.track, start=0.0, curve=0.0, swing=0.0, left=1.0, right=1.0, fork_z=None, end_z=np.inf, roughness=0.0
    )
    return replace(drawn, track=track, camera=Camera(height_m=1.0, focal=1.0, horizon=-0.25, roll=0.0, heading=0.0))


def painted(scene: Scene, tiles: Tiles, monkeypatch, obstacles: tuple[Obstacle, ...] = ()) -> Canvas:
    monkeypatch.setattr(terrain_paint, "draw_obstacles", lambda *_: list(obstacles))
    return paint(scene, look(scene.camera, 96, 128), tiles, np.random.default_rng(0))


def test_the_mask_is_the_way_in_perspective(scene: Scene, tiles: Tiles, monkeypatch) -> None:
    canvas = painted(scene, tiles, monkeypatch)
    view = canvas.view
    np.testing.assert_array_equal(canvas.free, view.below & (np.abs(view.x) < 1))
    widths = canvas.free.sum(axis=1)
    assert (widths[:24] == 0).all()
    assert (np.diff(widths[24:].astype(int)) >= 0).all()
    assert np.isfinite(canvas.rgb).all()


def test_what_an_obstacle_hides_is_not_free(scene: Scene, tiles: Tiles, monkeypatch) -> None:
    stone = Obstacle(0.0, 2.0, 0.3, 0.4, 0.0, 0.0, np.array([0.4, 0.4, 0.4], np.float32), "stone")
    bare, canvas = painted(scene, tiles, monkeypatch), painted(scene, tiles, monkeypatch, (stone,))
    hidden = bare.free & ~canvas.free
    u, v, scale = canvas.view.project(0.0, 2.0)
    # An ellipse of 0.3 m by 0.2 m at 2 m, in pixels of a picture 96 high.
    assert hidden.sum() == pytest.approx(np.pi * 0.3 * 0.2 * (scale * 96) ** 2, rel=0.05)
    rows, columns = np.nonzero(hidden)
    assert rows.max() == pytest.approx((v + 0.5) * 96, abs=1.5)
    assert columns.mean() == pytest.approx(u * 96 + 64 - 0.5, abs=0.5)
    assert not (canvas.free & ~bare.free).any()


@pytest.mark.parametrize("x", [-50.0, 50.0])
def test_an_obstacle_out_of_sight_changes_nothing(scene: Scene, tiles: Tiles, monkeypatch, x: float) -> None:
    bush = Obstacle(x, 3.0, 0.5, 0.5, 0.0, 0.1, np.array([0.1, 0.3, 0.1], np.float32), "leaves")
    bare, canvas = painted(scene, tiles, monkeypatch), painted(scene, tiles, monkeypatch, (bush,))
    np.testing.assert_array_equal(bare.rgb, canvas.rgb)
    np.testing.assert_array_equal(bare.free, canvas.free)


def test_walls_stand_on_the_edges_of_a_corridor(scene: Scene, tiles: Tiles, monkeypatch) -> None:
    canvas = painted(replace(scene, kind="corridor", wall_m=0.8), tiles, monkeypatch)
    bare = painted(scene, tiles, monkeypatch)
    assert not (canvas.free & ~bare.free).any()
    assert (bare.free & ~canvas.free).sum() < 0.01 * bare.free.sum()  # they rise from the edge and lean over nothing
    assert not np.array_equal(canvas.rgb[:, 60, :10], bare.rgb[:, 60, :10])
