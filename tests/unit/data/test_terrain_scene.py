from dataclasses import replace

import numpy as np
import pytest

from edge_nas.data.terrain_scene import LEAST_CONTRAST, Track, draw_obstacles, draw_scene

STRAIGHT = Track(
    start=1.0, curve=0.0, swing=0.0, wave=1.0, phase=0.0, left=0.5, right=2.0,
    fork_z=None, fork_slope=1.0, end_z=10.0, roughness=0.0,
)  # fmt: skip


def inside(way: Track, x: float, z: float) -> float:
    return float(way.inside(np.array([x], np.float32), np.array([z], np.float32))[0])


@pytest.mark.parametrize(
    ("x", "z", "expected"), [(1.0, 3.0, 0.5), (0.4, 3.0, -0.1), (2.9, 3.0, 0.1), (3.2, 3.0, -0.2), (1.0, 10.5, -0.5)]
)
def test_distance_to_the_edges(x: float, z: float, expected: float) -> None:
    assert inside(STRAIGHT, x, z) == pytest.approx(expected, abs=1e-6)


def test_a_fork_leaves_the_centre_beyond_its_distance() -> None:
    fork = replace(STRAIGHT, fork_z=4.0, fork_slope=-1.0)
    assert inside(fork, -2.0, 3.5) < 0
    assert inside(fork, -2.0, 7.0) == pytest.approx(0.4, abs=1e-6)  # centre 1 - (7 - 4), half width 0.8 x 0.5
    assert inside(fork, 1.0, 7.0) == pytest.approx(0.5, abs=1e-6)


def test_a_curve_moves_the_centre() -> None:
    bent = replace(STRAIGHT, curve=0.1)
    assert float(bent.centre(np.array([12.0], np.float32))[0]) == pytest.approx(1.0 + 0.1 * 144 / 2)


def test_scenes_vary_and_keep_their_promises() -> None:
    scenes = [draw_scene(np.random.default_rng(seed)) for seed in range(100)]
    assert {scene.kind for scene in scenes} == {"path", "field", "corridor"}
    for scene in scenes:
        assert np.linalg.norm(np.sqrt(scene.cover) - np.sqrt(scene.ground)) > LEAST_CONTRAST
        assert scene.track.fork_z is None or scene.kind == "path"
        assert scene.kind != "corridor" or (scene.track.curve, scene.track.swing) == (0.0, 0.0)


def test_obstacles_come_from_far_to_near() -> None:
    rng = np.random.default_rng(0)
    for _ in range(20):
        distances = [obstacle.z for obstacle in draw_obstacles(draw_scene(rng), rng)]
        assert distances == sorted(distances, reverse=True)
        assert len(distances) >= 3
