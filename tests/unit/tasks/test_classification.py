"""Classification."""

import numpy as np
import pytest
import tensorflow as tf

from edge_nas.errors import ConfigError, DataError, EdgeNasError
from edge_nas.tasks import Classification

TASK = Classification(("cat", "dog", "owl"))


def test_scores_by_hand() -> None:
    counts = np.array([[3, 1, 0], [0, 2, 2], [0, 0, 0]])
    report = TASK.report(counts, split="test", images=8, split_sha256="x")
    assert report.metrics.accuracy == 5 / 8
    assert report.metrics.balanced_accuracy == (3 / 4 + 2 / 4) / 2
    assert report.metrics.macro_f1 == pytest.approx((6 / 7 + 4 / 7 + 0) / 3)
    table = TASK.confusion(report)
    assert (table.classes, table.counts[1]) == (TASK.classes, (0, 2, 2))


def test_the_training_metric_is_the_score() -> None:
    generator = np.random.default_rng(0)
    outputs, labels = generator.normal(size=(9, 3)).astype(np.float32), generator.integers(0, 3, 9).astype(np.int32)
    metric = TASK.metric()
    metric.update_state(*TASK.scored(tf.constant(labels, tf.float32), tf.constant(outputs)))
    report = TASK.report(TASK.count(outputs, labels), split="val", images=9, split_sha256="x")
    assert metric.name == TASK.score[0]
    assert float(metric.result()) == pytest.approx(report.metrics.accuracy)


def test_labels_are_one_number_per_image() -> None:
    assert Classification.as_labels(np.array([[1], [2]])).tolist() == [1, 2]
    assert Classification.as_labels(np.array([1, 2], np.uint8)).dtype == np.int32
    with pytest.raises(DataError, match=r"labels have shape \(2, 3\); allowed with these images: \(2,\)"):
        TASK.check_labels(Classification.as_labels(np.eye(3, dtype=np.int64)[:2]), (2, 8, 8, 3))


def test_the_baseline_is_the_most_frequent_class() -> None:
    runs = TASK.baselines(np.array([0, 2, 2], np.int32))
    assert TASK.predict(runs["majority_class"](np.zeros((4, 8, 8, 3), np.float32))).tolist() == [2] * 4


def test_an_answer_is_a_class_and_its_probability() -> None:
    output = np.log(np.array([0.2, 0.7, 0.1], np.float32))
    assert TASK.row(output) == {"class": "dog", "confidence": "0.7000"}
    assert TASK.caption(np.int32(0), output) == "cat in truth, int8: dog (0.7000)"
    assert TASK.quality(output[np.newaxis], np.array([2])) == pytest.approx([0.1])
    assert list(TASK.pictures(np.zeros((8, 8, 3), np.uint8), np.int32(0), output)) == ["image"]


def test_there_are_no_masks() -> None:
    assert TASK.output_shape((8, 8, 3)) == (3,)
    with pytest.raises(ConfigError, match="Dice is a loss of masks"):
        TASK.dice(None, None)
    with pytest.raises(EdgeNasError, match="has no masks"):
        TASK.stored_mask(np.zeros(3, np.float32))
