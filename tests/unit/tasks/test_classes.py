"""What tasks with n classes share."""

import numpy as np
import pytest
import tensorflow as tf

from edge_nas.errors import ArtifactError, DataError
from edge_nas.tasks import Classification
from edge_nas.tasks.classes import accuracy, f1_scores, ious, mean, recalls

TASK = Classification(("cat", "dog", "owl"))
COUNTS = np.array([[3, 1, 0], [0, 2, 2], [0, 0, 0]])


def test_scores_of_the_classes_by_hand() -> None:
    assert recalls(COUNTS) == [3 / 4, 2 / 4, None]
    assert ious(COUNTS) == [3 / 4, 2 / 5, 0 / 2]
    assert f1_scores(COUNTS) == [6 / 7, 4 / 7, 0 / 2]
    assert accuracy(COUNTS) == 5 / 8
    assert mean([0.5, None, 1.0]) == 0.75
    assert mean([None]) is None
    assert accuracy(np.zeros((2, 2), np.int64)) is None


def test_answers_are_counted_by_truth_and_prediction() -> None:
    logits = np.array([[3, 1, 0], [0, 1, 2], [0, 5, 2], [1, 1, 0]], np.float32)
    counts = TASK.count(logits, np.array([0, 1, 1, 2], np.int32))
    assert counts.tolist() == [[1, 0, 0], [0, 1, 1], [1, 0, 0]]  # of equal logits the first is taken
    with pytest.raises(DataError, match=r"outputs of shape \(4, 3\) for labels of shape \(3,\); 3 values per label"):
        TASK.count(logits, np.array([0, 1, 1], np.int32))
    logits[0, 0] = np.nan
    with pytest.raises(ArtifactError, match="NaN for 1 of 12"):
        TASK.count(logits, np.array([0, 1, 1, 2], np.int32))


def test_the_losses_are_cross_entropies() -> None:
    generator = np.random.default_rng(0)
    logits, taught = generator.normal(size=(2, 5, 3)).astype(np.float32)
    labels = np.array([0, 2, 1, 1, 0])
    logarithms = logits - np.log(np.exp(logits).sum(axis=1, keepdims=True))
    expected = -logarithms[np.arange(5), labels].mean()
    assert float(TASK.loss(tf.constant(labels, tf.float32), tf.constant(logits))) == pytest.approx(expected, rel=1e-5)
    soft = np.exp(taught) / np.exp(taught).sum(axis=1, keepdims=True)
    expected = -(soft * logarithms).sum(axis=1).mean()
    assert float(TASK.distillation(tf.constant(taught), tf.constant(logits))) == pytest.approx(expected, rel=1e-5)


def test_classes_are_the_names_or_the_numbers_that_occur() -> None:
    labels = np.array([2, 0, 1, 1], np.int32)
    assert Classification.from_labels(labels, None).classes == ("0", "1", "2")
    assert Classification.from_labels(labels, ("a", "b", "c", "d")).classes == ("a", "b", "c", "d")
    with pytest.raises(DataError, match=r"hold the classes 0, 255, but not 1, 2, .* and 246 more.*data\.classes"):
        Classification.from_labels(np.array([0, 255], np.int32), None)
    with pytest.raises(DataError, match="at least two"):
        Classification.from_labels(np.array([0, 0], np.int32), None)
    with pytest.raises(DataError, match="each with its own name"):
        Classification(("a", "a"))


def test_classes_out_of_range_are_refused() -> None:
    TASK.check_labels(np.array([0, 2], np.int32), (2, 8, 8, 3))
    for labels, seen in ((np.array([0, 3]), "class 3"), (np.array([-1, 0]), "class -1"), (np.array([0.5, 0]), "float")):
        with pytest.raises(DataError, match=seen):
            TASK.check_labels(labels, (2, 8, 8, 3))


def test_what_a_split_holds() -> None:
    labels = np.array([1, 1, 0, 1], np.int32)
    assert TASK.facts(labels) == {"classes": 2, "most frequent": "dog", "share of it": 0.75}
    assert list(TASK.cautions("val", labels)) == ["No label of val is of class owl: its scores say nothing of it."]
    assert list(TASK.cautions("val", np.array([0, 1, 2]))) == []
