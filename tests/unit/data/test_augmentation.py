from dataclasses import replace

import numpy as np
import pytest

from edge_nas.core.config import AugmentationSpec
from edge_nas.core.preprocessing import Preprocessing
from edge_nas.data.augmentation import training_batches
from edge_nas.data.dataset import ImageSet
from edge_nas.tasks import Classification, Regression, Segmentation

tf = pytest.importorskip("tensorflow")

NOTHING = AugmentationSpec(flip=False, crop=0.0, brightness=0.0, contrast=0.0, colour=0.0)
PREPROCESSING = Preprocessing()


def random_set(count: int = 7, height: int = 8, width: int = 10) -> ImageSet:
    rng = np.random.default_rng(0)
    images = rng.integers(0, 256, (count, height, width, 3), dtype=np.uint8)
    masks = rng.integers(0, 2, (count, height, width), dtype=np.uint8)
    return ImageSet(images, masks, tuple(str(i) for i in range(count)))


def mask_pictures(count: int = 16) -> ImageSet:
    """Images that are their own mask, white on black: upright stripes in the first half, level ones in the second."""
    stripes = np.random.default_rng(0).integers(0, 2, (count, 6), dtype=np.uint8).repeat(8, 1)
    masks = np.repeat(stripes[:, None], 48, axis=1)
    masks[count // 2 :] = masks[count // 2 :].transpose(0, 2, 1)
    return ImageSet(np.repeat(masks[..., None] * np.uint8(255), 3, axis=3), masks, tuple(str(i) for i in range(count)))


def epoch(images: ImageSet, spec: AugmentationSpec, **options) -> tuple[np.ndarray, np.ndarray]:
    batches = training_batches(images, spec, 4, options.pop("seed", 0), **options)
    parts = list(batches.as_numpy_iterator())
    return np.concatenate([x for x, _ in parts]), np.concatenate([y for _, y in parts])


def in_order(x: np.ndarray) -> np.ndarray:
    return x[np.lexsort(x.reshape(len(x), -1).T)]


def test_batches_keep_the_last_partial_one_and_know_their_number() -> None:
    batches = training_batches(random_set(7), AugmentationSpec(), 4, 0)
    assert len(batches) == 2
    assert [x.shape for x, _ in batches] == [(4, 8, 10, 3), (3, 8, 10, 3)]
    assert [y.shape for _, y in batches] == [(4, 8, 10, 1), (3, 8, 10, 1)]
    assert batches.element_spec[0].shape.as_list() == [None, 8, 10, 3]
    assert {spec.dtype for spec in batches.element_spec} == {tf.float32}


@pytest.mark.parametrize(("spec", "augment"), [(NOTHING, True), (AugmentationSpec(), False)])
def test_without_changes_a_batch_is_the_preprocessing_to_the_last_bit(spec: AugmentationSpec, augment: bool) -> None:
    images = random_set(40, 16, 20)
    assert len(np.unique(images.images)) == 256
    x, y = epoch(images, spec, augment=augment)
    np.testing.assert_array_equal(in_order(x), in_order(PREPROCESSING.apply(images.images)))
    np.testing.assert_array_equal(in_order(y[..., 0]), in_order(images.masks.astype(np.float32)))


def test_images_keep_their_masks_when_shuffled() -> None:
    images = random_set()
    x, y = epoch(images, NOTHING)
    assert not np.array_equal(x, PREPROCESSING.apply(images.images))
    for picture, mask in zip(x, y, strict=True):
        index = next(i for i, own in enumerate(images.images) if np.array_equal(PREPROCESSING.apply(own), picture))
        np.testing.assert_array_equal(mask[..., 0], images.masks[index])


def test_the_same_seed_gives_the_same_epochs_whatever_the_global_seed() -> None:
    runs = []
    for global_seed in (1, 2):
        tf.random.set_seed(global_seed)
        batches = training_batches(random_set(), AugmentationSpec(), 4, 5)
        runs.append([x for _ in range(2) for x, _ in batches.as_numpy_iterator()])
    for first, second in zip(*runs, strict=True):
        np.testing.assert_array_equal(first, second)


def test_epochs_and_seeds_differ() -> None:
    batches = training_batches(random_set(), AugmentationSpec(), 7, 0)
    (first, _), (second, _) = (next(batches.as_numpy_iterator()) for _ in range(2))
    other, _ = epoch(random_set(), AugmentationSpec(), seed=1)
    assert not np.array_equal(first, second)
    assert not np.array_equal(first, other)


def test_an_epoch_left_early_does_not_change_the_next() -> None:
    whole = training_batches(random_set(), AugmentationSpec(), 2, 0)
    cut = training_batches(random_set(), AugmentationSpec(), 2, 0)
    list(whole)
    next(iter(cut))
    np.testing.assert_array_equal(next(whole.as_numpy_iterator())[0], next(cut.as_numpy_iterator())[0])


def test_flips_mirror_about_half_of_the_pairs() -> None:
    images = random_set(200, 4, 6)
    x, y = epoch(images, AugmentationSpec(flip=True, crop=0.0, brightness=0.0, contrast=0.0, colour=0.0))
    plain = {PREPROCESSING.apply(own).tobytes(): mask for own, mask in zip(images.images, images.masks, strict=True)}
    kept = 0
    for picture, mask in zip(x, y[..., 0], strict=True):
        as_is = picture.tobytes() in plain
        kept += as_is
        source = plain[picture.tobytes()] if as_is else plain[np.ascontiguousarray(picture[:, ::-1]).tobytes()][:, ::-1]
        np.testing.assert_array_equal(mask, source)
    assert 70 < kept < 130


@pytest.mark.parametrize("flip", [False, True])
def test_crops_move_image_and_mask_alike(flip: bool) -> None:
    spec = AugmentationSpec(flip=flip, crop=0.5, brightness=0.0, contrast=0.0, colour=0.0)
    x, y = epoch(mask_pictures(), spec)
    assert set(np.unique(y)) == {0.0, 1.0}
    # Bilinear pictures and nearest masks part only where a picture is half way between black and white.
    assert (((x[..., 0] > 0) == (y[..., 0] > 0.5)) | (np.abs(x[..., 0]) < 0.02)).all()
    assert not np.array_equal(in_order(y[..., 0]), in_order(mask_pictures().masks.astype(np.float32)))


def test_a_crop_cuts_no_more_than_it_may() -> None:
    ramp = np.broadcast_to(np.arange(201, dtype=np.uint8)[None, None, :, None], (64, 4, 201, 3)).copy()
    images = ImageSet(ramp, np.zeros(ramp.shape[:3], np.uint8), tuple(str(i) for i in range(64)))
    x, _ = epoch(images, AugmentationSpec(flip=False, crop=0.4, brightness=0.0, contrast=0.0, colour=0.0))
    spans = (x[:, 0, -1, 0] - x[:, 0, 0, 0]) * 127.5 / 200
    assert 0.59 < spans.min() < 0.65
    assert 0.95 < spans.max() <= 1.0


@pytest.mark.parametrize(
    ("setting", "low", "high"), [("brightness", 75, 125), ("contrast", 100, 100), ("colour", 90, 110)]
)
def test_the_mean_of_a_flat_picture_stays_within_the_range_of_each_setting(setting: str, low: int, high: int) -> None:
    flat = ImageSet(np.full((200, 2, 2, 3), 100, np.uint8), np.zeros((200, 2, 2), np.uint8), ("",) * 200)
    spec = NOTHING.model_copy(update={setting: 0.1})
    pixels = epoch(flat, spec)[0] * 127.5 + 127.5
    assert low - 0.51 <= pixels.min() <= low + 2
    assert high - 2 <= pixels.max() <= high + 0.51
    spread_over_channels = np.ptp(pixels, axis=3).max()
    assert (spread_over_channels > 1) == (setting == "colour")


def test_contrast_stretches_about_the_mean() -> None:
    images = np.zeros((100, 2, 2, 3), np.uint8)
    images[:, 0], images[:, 1] = 50, 150
    flat = ImageSet(images, np.zeros((100, 2, 2), np.uint8), ("",) * 100)
    pixels = epoch(flat, NOTHING.model_copy(update={"contrast": 0.2}))[0] * 127.5 + 127.5
    np.testing.assert_allclose(pixels.mean(axis=(1, 2, 3)), 100, atol=0.51)
    spans = pixels[:, 1, 0, 0] - pixels[:, 0, 0, 0]
    assert 79 <= spans.min() < 85
    assert 115 < spans.max() <= 121


def test_pixels_stay_in_the_range_and_whole() -> None:
    spec = AugmentationSpec(brightness=1.0, contrast=1.0, colour=1.0)
    x, _ = epoch(random_set(20), spec)
    pixels = x * 127.5 + 127.5
    assert (pixels.min(), pixels.max()) == (0.0, 255.0)
    np.testing.assert_allclose(pixels, np.rint(pixels), atol=1e-4)


def test_masks_of_classes_change_with_their_images() -> None:
    plain = mask_pictures()
    task = Segmentation(("a", "b", "c"))
    images = replace(plain, labels=2 * plain.labels, task=task)
    x, y = epoch(images, AugmentationSpec(crop=0.3, brightness=0, contrast=0, colour=0))
    assert set(np.unique(y)) == {0.0, 2.0}
    clear = np.abs(x[..., 0]) > 0.99
    agreement = ((x[..., 0] > 0) == (y[..., 0] > 0))[clear].mean()
    assert agreement > 0.97  # bilinear pixels and nearest labels part at edges only


def test_other_labels_stay_with_their_images() -> None:
    plain = random_set(6)
    classes = replace(plain, labels=np.arange(6, dtype=np.int32) % 3, task=Classification(("a", "b", "c")))
    x, y = epoch(classes, NOTHING)
    order = [next(i for i in range(6) if np.array_equal(PREPROCESSING.apply(plain.images[i]), image)) for image in x]
    assert y.tolist() == [index % 3 for index in order]
    _, changed = epoch(classes, AugmentationSpec())
    assert changed.tolist() == y.tolist()
    targets = np.random.default_rng(1).normal(size=(6, 2)).astype(np.float32)
    values = replace(plain, labels=targets, task=Regression.from_labels(targets, None))
    _, y = epoch(values, AugmentationSpec())
    np.testing.assert_array_equal(y, targets[order])
