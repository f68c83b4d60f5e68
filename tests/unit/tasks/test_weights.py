"""Weights of classes in the loss."""

import numpy as np
import pytest

from edge_nas.data.arrays import ArraysSource
from edge_nas.data.loader import load_dataset
from edge_nas.errors import ConfigError
from edge_nas.tasks import BINARY_SEGMENTATION, Classification, Regression, Segmentation

LABELS = np.array([0, 0, 0, 1], np.int32)


def test_balanced_classes_weigh_the_same_together() -> None:
    task = Classification(("a", "b")).weighted("balanced", LABELS)
    assert task.weights == pytest.approx((4 / (2 * 3), 4 / (2 * 1)))
    assert np.mean(np.array(task.weights)[LABELS]) == pytest.approx(1.0)


def test_the_loss_is_the_mean_of_weighted_cross_entropies() -> None:
    logits = np.random.default_rng(0).normal(size=(4, 2)).astype(np.float32)
    plain = Classification(("a", "b"))
    parts = np.array([float(plain.loss(LABELS[i : i + 1], logits[i : i + 1])) for i in range(4)])
    weighted = plain.weighted((0.5, 3.0), LABELS)
    assert float(weighted.loss(LABELS, logits)) == pytest.approx(np.mean(parts * [0.5, 0.5, 0.5, 3.0]), rel=1e-5)
    # Twice one class is what a data set would give that holds its samples twice, less the count.
    twice = plain.weighted((1.0, 2.0), LABELS)
    assert 4 * float(twice.loss(LABELS, logits)) == pytest.approx(parts.sum() + parts[3], rel=1e-5)


def test_masks_weigh_their_pixels() -> None:
    masks = np.array([[[0, 1], [0, 0]]], np.uint8)
    logits = np.random.default_rng(1).normal(size=(1, 2, 2, 1)).astype(np.float32)
    labels = masks[..., None].astype(np.float32)
    balanced = BINARY_SEGMENTATION.weighted("balanced", masks)
    assert balanced.weights == pytest.approx((4 / 6, 2.0))
    two = Segmentation(("background", "foreground")).weighted("balanced", masks)
    both = np.concatenate([np.zeros_like(logits), logits], axis=-1)  # the same question put to two logits
    assert float(balanced.loss(labels, logits)) == pytest.approx(float(two.loss(labels, both)), rel=1e-5)


def test_what_cannot_be_weighed() -> None:
    task = Classification(("a", "b", "c"))
    with pytest.raises(ConfigError, match="no training label is of class c: give a number for each class"):
        task.weighted("balanced", LABELS)
    with pytest.raises(ConfigError, match="has 2 numbers; needed: 3, one for each of a, b, c"):
        task.weighted((1.0, 2.0), LABELS)
    with pytest.raises(ConfigError, match="task 'regression' has no classes"):
        Regression((0.0,), (1.0,)).weighted("balanced", LABELS)


def test_a_build_gets_them_from_its_data_and_its_key_changes(tmp_path) -> None:  # type: ignore[no-untyped-def]
    for name in ("train", "val"):
        np.savez(tmp_path / f"{name}.npz", samples=np.arange(8, dtype=np.float32).reshape(4, 2), labels=LABELS)
    plain = load_dataset(ArraysSource(root=str(tmp_path), input_shape=(2,)), "classification")
    source = ArraysSource(root=str(tmp_path), input_shape=(2,), class_weights="balanced")
    weighted = load_dataset(source, "classification")
    assert plain.task.weights is None
    assert weighted.task.weights == pytest.approx((2 / 3, 2.0))
    assert weighted.val.task == weighted.train.task
    assert weighted.sha256 != plain.sha256
    assert weighted.val.sha256 == plain.val.sha256
