import numpy as np
import pytest

from edge_nas.data.terrain_view import TILE, Camera, draw_tiles, look, sample


@pytest.fixture
def level() -> Camera:
    return Camera(height_m=1.0, focal=1.0, horizon=0.0, roll=0.0, heading=0.0)


def test_ground_seen_at_45_degrees_is_as_far_as_the_camera_is_high(level: Camera) -> None:
    view = look(level, 200, 300)
    assert view.z[199, 0] == pytest.approx(1 / view.v[199, 0], rel=1e-5)
    assert view.v[199, 0] == pytest.approx(0.4975)
    assert view.x[199, 299] == pytest.approx(view.u[199, 299] * view.z[199, 299], rel=1e-5)
    assert not view.below[99, 0]
    assert view.below[100, 0]


@pytest.mark.parametrize("roll", [0.0, 0.1])
@pytest.mark.parametrize("heading", [0.0, 0.3])
def test_projecting_a_ground_point_leads_back_to_its_pixel(roll: float, heading: float) -> None:
    view = look(Camera(height_m=0.8, focal=0.9, horizon=-0.2, roll=roll, heading=heading), 60, 80)
    row, column = 50, 20
    u, v, scale = view.project(float(view.x[row, column]), float(view.z[row, column]))
    assert (u, v) == (pytest.approx(view.u[row, column], abs=1e-4), pytest.approx(view.v[row, column], abs=1e-4))
    assert scale == pytest.approx(0.9 / view.z[row, column], rel=1e-5)


def test_tiles_are_standard_and_repeatable() -> None:
    tiles, again = draw_tiles(np.random.default_rng(0)), draw_tiles(np.random.default_rng(0))
    for name in ("clouds", "patches", "leaves", "grain", "blades"):
        tile = getattr(tiles, name)
        assert tile.shape == (TILE, TILE)
        assert tile.dtype == np.float32
        assert abs(tile.mean()) < 1e-4
        assert tile.std() == pytest.approx(1.0, rel=1e-4)
        np.testing.assert_array_equal(tile, getattr(again, name))


def test_finer_tiles_change_faster() -> None:
    tiles = draw_tiles(np.random.default_rng(0))
    steps = [float(np.abs(np.diff(t, axis=1)).mean()) for t in (tiles.clouds, tiles.patches, tiles.leaves, tiles.grain)]
    assert steps == sorted(steps)


def test_sampling_wraps_around() -> None:
    tile = np.arange(TILE * TILE, dtype=np.float32).reshape(TILE, TILE)
    rows, columns = np.array([0.0, 1.0, 128.0], np.float32), np.array([0.5, -0.5, 128.5], np.float32)
    assert sample(tile, rows, columns, 2.0, (0, 0)).tolist() == [tile[0, 1], tile[2, 255], tile[0, 1]]
    assert sample(tile, rows[:1], columns[:1], 2.0, (3, 4)).tolist() == [tile[3, 5]]
