import numpy as np
import pytest

from edge_nas.data.dataset import Dataset
from edge_nas.data.terrain import TerrainSpec, generate_terrain

SPEC = TerrainSpec(train_images=60, val_images=40, test_images=8)
SHAPE = (48, 64, 3)


@pytest.fixture(scope="module")
def terrain() -> Dataset:
    return generate_terrain(SPEC, SHAPE)


def mean_iou(predicted: np.ndarray, truth: np.ndarray) -> float:
    predicted = np.broadcast_to(predicted, truth.shape)
    return float(
        np.mean([((predicted == c) & (truth == c)).sum() / ((predicted == c) | (truth == c)).sum() for c in (0, 1)])
    )


def test_the_same_seed_gives_the_same_pixels(terrain: Dataset) -> None:
    assert generate_terrain(SPEC, SHAPE).sha256 == terrain.sha256


@pytest.mark.parametrize(
    ("seed", "shape", "sha256"),
    [
        (0, (48, 64, 3), "ba50ce64bb62e393e938fc7a662b4aa47b6e20be2e86b8856b48040cfeaf3a33"),
        (7, (33, 20, 3), "0f62d5b4bb20bcd2a56838172cd8cf7bdb348337cedbc04baf0cdc99cc41d048"),
    ],
)
def test_the_scenes_are_those_that_figures_were_measured_on(
    seed: int, shape: tuple[int, int, int], sha256: str
) -> None:
    # Paths, fields and corridors. Another picture means other figures in README and benchmarks: measure them again.
    data = generate_terrain(TerrainSpec(train_images=12, val_images=2, test_images=1, seed=seed), shape)
    assert data.sha256 == sha256


def test_another_seed_gives_other_pixels(terrain: Dataset) -> None:
    small = TerrainSpec(train_images=2, val_images=1, test_images=1, seed=1)
    assert not np.array_equal(generate_terrain(small, SHAPE).train.images, terrain.train.images[:2])


def test_more_images_leave_the_first_ones_as_they_are(terrain: Dataset) -> None:
    few = generate_terrain(TerrainSpec(train_images=3, val_images=2, test_images=1), SHAPE)
    np.testing.assert_array_equal(few.train.images, terrain.train.images[:3])
    np.testing.assert_array_equal(few.val.masks, terrain.val.masks[:2])


def test_counts_shapes_and_names(terrain: Dataset) -> None:
    assert terrain.test is not None
    assert [len(terrain.train), len(terrain.val), len(terrain.test)] == [60, 40, 8]
    assert terrain.train.images.shape == (60, 48, 64, 3)
    assert terrain.train.names[:2] == ("0000", "0001")
    assert terrain.reported[0] == "test"
    assert terrain.shared_groups == ()


def test_no_scene_occurs_twice(terrain: Dataset) -> None:
    assert terrain.test is not None
    images = [image.tobytes() for split in (terrain.train, terrain.val, terrain.test) for image in split.images]
    assert len(set(images)) == len(images)


def test_every_scene_shows_both_classes(terrain: Dataset) -> None:
    shares = terrain.train.masks.mean(axis=(1, 2))
    assert shares.min() > 0.03
    assert shares.max() < 0.86
    assert 0.2 < shares.mean() < 0.5


def test_position_alone_does_not_find_the_way(terrain: Dataset) -> None:
    mean_mask = terrain.train.masks.mean(axis=0) > 0.5
    assert 0.45 < mean_iou(mean_mask, terrain.val.masks) < 0.68


def test_colour_alone_does_not_find_the_way(terrain: Dataset) -> None:
    """The best class for each of 512 colour cells, taken from the training pixels, stays below 0.7."""
    cells = {
        name: (split.images // 32) @ np.array([64, 8, 1]) for name, split in (("t", terrain.train), ("v", terrain.val))
    }
    foreground = np.bincount(cells["t"].ravel(), weights=terrain.train.masks.ravel(), minlength=512)
    likely = foreground / np.maximum(np.bincount(cells["t"].ravel(), minlength=512), 1) > 0.5
    assert mean_iou(likely[cells["v"]], terrain.val.masks) < 0.7


def test_pixels_use_the_range(terrain: Dataset) -> None:
    assert terrain.train.images.min() < 30
    assert terrain.train.images.max() > 240
    assert (terrain.train.images.std(axis=(1, 2, 3)) > 10).all()


def test_another_shape() -> None:
    data = generate_terrain(TerrainSpec(train_images=2, val_images=1, test_images=1), (33, 20, 3))
    assert data.train.images.shape == (2, 33, 20, 3)
    assert data.train.masks.shape == (2, 33, 20)
