"""Segmentation into n classes."""

import numpy as np
import pytest
import tensorflow as tf

from edge_nas.errors import DataError
from edge_nas.tasks import Segmentation
from edge_nas.tasks.overlay import MISTAKE, palette

TASK = Segmentation(("ground", "red", "green"))
TRUTH = np.array([[[0, 0], [1, 2]]], np.uint8)


def logits(*classes: int) -> np.ndarray:
    return np.eye(3, dtype=np.float32)[np.array(classes).reshape(1, 2, 2)]


def test_scores_by_hand() -> None:
    report = TASK.report(TASK.count(logits(0, 1, 1, 1), TRUTH), split="val", images=1, split_sha256="x")
    assert report.confusion == ((1, 1, 0), (0, 1, 0), (0, 1, 0))
    assert report.metrics.class_iou == {"ground": 1 / 2, "red": 1 / 3, "green": 0.0}
    assert report.metrics.miou == pytest.approx((1 / 2 + 1 / 3) / 3)
    assert report.metrics.pixel_accuracy == 2 / 4
    assert (report.metrics.heading, report.metrics.primary) == ("mIoU", report.metrics.miou)


def test_a_class_in_neither_truth_nor_prediction_is_left_out() -> None:
    report = TASK.report(TASK.count(logits(0, 0, 1, 1), TRUTH.clip(max=1)), split="val", images=1, split_sha256="x")
    assert report.metrics.class_iou["green"] is None
    assert report.metrics.miou == 1.0


def test_the_training_metric_is_the_score() -> None:
    generator = np.random.default_rng(0)
    outputs = generator.normal(size=(4, 5, 6, 3)).astype(np.float32)
    labels = generator.integers(0, 3, (4, 5, 6), dtype=np.uint8)
    metric = TASK.metric()
    for start in (0, 2):
        batch = slice(start, start + 2)
        masks = tf.constant(labels[batch, ..., np.newaxis], tf.float32)
        metric.update_state(*TASK.scored(masks, tf.constant(outputs[batch])))
    report = TASK.report(TASK.count(outputs, labels), split="val", images=4, split_sha256="x")
    assert metric.name == TASK.score[0]
    assert float(metric.result()) == pytest.approx(report.metrics.miou, rel=1e-5)


def test_dice_of_right_and_wrong_masks() -> None:
    masks = tf.constant(np.repeat(TRUTH, 50, axis=0)[..., np.newaxis], tf.float32)
    right, wrong = (np.repeat(100 * logits(*classes), 50, axis=0) for classes in ((0, 0, 1, 2), (1, 1, 2, 0)))
    assert float(TASK.dice(masks, tf.constant(right))) == pytest.approx(0.0, abs=1e-6)
    assert float(TASK.dice(masks, tf.constant(wrong))) == pytest.approx(1.0, abs=0.02)


def test_baselines_never_look_at_the_image() -> None:
    masks = np.array([[[0, 2]], [[0, 2]], [[0, 1]]], np.uint8)
    runs = TASK.baselines(masks)
    inputs = np.zeros((2, 1, 2, 3), np.float32)
    assert TASK.predict(runs["majority_class"](inputs)).tolist() == [[[0, 0]]] * 2
    assert TASK.predict(runs["majority_mask"](inputs)).tolist() == [[[0, 2]]] * 2
    assert tuple(runs) == tuple(trivial.key for trivial in TASK.trivial)
    assert TASK.baselines(None) == {}


def test_mask_files_hold_class_numbers() -> None:
    assert Segmentation.mask_of(np.array([[0, 7]], np.int32)).tolist() == [[0, 7]]
    with pytest.raises(DataError, match="value 300; allowed: class numbers from 0 to 255"):
        Segmentation.mask_of(np.array([[300]], np.int32))


def test_masks_of_another_size_or_class_are_refused() -> None:
    with pytest.raises(DataError, match=r"masks have shape \(1, 2, 2\); allowed with these images: \(1, 2, 3\)"):
        TASK.check_labels(TRUTH, (1, 2, 3, 3))
    with pytest.raises(DataError, match=r"masks hold the class 3; allowed: 0 to 2 \(ground, red, green\)"):
        TASK.check_labels(TRUTH + 1, (1, 2, 2, 3))


def test_pictures_show_classes_in_their_colours_and_mistakes() -> None:
    image = np.full((2, 2, 3), 100, np.uint8)
    drawn = TASK.pictures(image, TRUTH[0], logits(0, 1, 1, 2)[0])
    assert list(drawn) == ["image", "truth", "int8", "mistakes"]
    colours = np.array(palette(3))
    np.testing.assert_array_equal(drawn["truth"], (100 + colours[TRUTH[0]]) // 2)
    assert tuple(drawn["mistakes"][0, 1]) == MISTAKE
    assert len({tuple(pixel) for pixel in drawn["mistakes"].reshape(-1, 3)}) == 2
    assert TASK.legend[0] == (palette(3)[0], "ground")
    assert TASK.caption(TRUTH[0], logits(0, 0, 1, 2)[0]) == "mIoU 1.000, pixel accuracy 1.000"
    assert len(set(palette(24))) == 24
