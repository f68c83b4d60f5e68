"""Regression."""

import numpy as np
import pytest
import tensorflow as tf

from edge_nas.errors import ArtifactError, DataError
from edge_nas.tasks import Regression

GENERATOR = np.random.default_rng(0)
TARGETS = (GENERATOR.normal(size=(20, 2)) * (3.0, 0.1) + (1000.0, 5.0)).astype(np.float32)
VALUES = (TARGETS + GENERATOR.normal(size=(20, 2)) * (1.0, 0.05)).astype(np.float32)
TASK = Regression.from_labels(TARGETS, None)


def report(values: np.ndarray, targets: np.ndarray, step: int = 20):
    parts = [slice(start, start + step) for start in range(0, len(targets), step)]
    tallies = [TASK.count(values[part], targets[part]) for part in parts]
    return TASK.report(sum(tallies[1:], start=tallies[0]), split="val", images=len(targets), split_sha256="x")


def test_scores_are_those_of_their_formulas() -> None:
    errors, spread = VALUES - TARGETS.astype(np.float64), TARGETS.astype(np.float64) - TARGETS.mean(axis=0)
    scores = report(VALUES, TARGETS).metrics
    assert scores.r2 == pytest.approx(np.mean(1 - (errors**2).sum(axis=0) / (spread**2).sum(axis=0)), rel=1e-5)
    assert scores.mae == pytest.approx(np.abs(errors).mean())
    assert scores.rmse == pytest.approx(np.sqrt((errors**2).mean()))
    assert (scores.heading, scores.primary) == ("R²", scores.r2)


def test_batches_add_up() -> None:
    whole, parts = report(VALUES, TARGETS).metrics, report(VALUES, TARGETS, step=7).metrics
    assert parts.to_data() == pytest.approx(whole.to_data(), rel=1e-9)


def test_the_mean_target_scores_nothing_and_perfection_one() -> None:
    run = TASK.baselines(TARGETS)["mean_target"]
    assert report(np.array(run(np.zeros((20, 8, 8, 3), np.float32))), TARGETS).metrics.r2 == pytest.approx(0, abs=1e-3)
    assert report(TARGETS, TARGETS).metrics.to_data() == {"r2": 1.0, "mae": 0.0, "rmse": 0.0}


def test_a_target_that_does_not_vary_has_no_r2() -> None:
    constant = np.repeat(TARGETS[:1], 4, axis=0)
    assert report(VALUES[:4], constant).metrics.r2 is None
    with pytest.raises(DataError, match=r"target 0 of val is .* for every image, so its R² is undefined"):
        TASK.check_evaluated("val", constant)
    TASK.check_evaluated("val", TARGETS)
    half = np.stack([TARGETS[:4, 0], constant[:, 1]], axis=1)
    alone = report(np.stack([VALUES[:4, 0], constant[:, 1]], axis=1), half).metrics.r2
    errors, spread = VALUES[:4, 0] - TARGETS[:4, 0], TARGETS[:4, 0] - TARGETS[:4, 0].mean()
    assert alone == pytest.approx(1 - (errors**2).sum() / (spread**2).sum(), rel=1e-3)


def test_the_training_metric_is_the_score_even_far_from_zero() -> None:
    metric = TASK.metric()
    for part in (slice(0, 13), slice(13, 20)):
        metric.update_state(*TASK.scored(tf.constant(TARGETS[part]), tf.constant(VALUES[part])))
    assert metric.name == TASK.score[0]
    assert float(metric.result()) == pytest.approx(report(VALUES, TARGETS).metrics.r2, abs=1e-3)


def test_the_loss_of_the_mean_is_one() -> None:
    mean = np.broadcast_to(np.array(TASK.mean, np.float32), TARGETS.shape)
    assert float(TASK.loss(tf.constant(TARGETS), tf.constant(mean))) == pytest.approx(1.0, abs=1e-3)
    assert float(TASK.distillation(tf.constant(TARGETS), tf.constant(TARGETS))) == 0.0


def test_targets_that_cannot_be_learnt_are_refused() -> None:
    with pytest.raises(DataError, match="target 1 is 4 for every training image"):
        Regression.from_labels(np.array([[1, 4], [2, 4]], np.float32), None)
    with pytest.raises(DataError, match="NaN or infinity"):
        Regression.from_labels(np.array([[1], [np.nan]], np.float32), None)
    with pytest.raises(DataError, match=r"targets are float32 \(20, 2\); allowed with these images: numbers \(3, 2\)"):
        TASK.check_labels(TARGETS, (3, 8, 8, 3))
    assert Regression.as_labels(np.array([1, 2])).shape == (2, 1)


def test_outputs_that_do_not_fit_are_refused() -> None:
    with pytest.raises(DataError, match=r"outputs of shape \(20, 1\)"):
        TASK.count(VALUES[:, :1], TARGETS)
    with pytest.raises(ArtifactError, match="NaN for 2 of 40"):
        TASK.count(np.where(np.arange(20)[:, None] == 3, np.nan, VALUES).astype(np.float32), TARGETS)


def test_answers_are_told_as_numbers() -> None:
    assert TASK.row(np.array([1.5, 2.25], np.float32)) == {"value_0": "1.5", "value_1": "2.25"}
    assert Regression.from_outputs(1, ()).row(np.array([0.125], np.float32)) == {"value": "0.125"}
    assert TASK.caption(np.array([1, 2.0]), np.array([1.5, 2.25])) == "1, 2 in truth, int8: 1.5, 2.25"
    better, worse = TASK.quality(TARGETS[:2] + np.array([[0.1, 0], [1, 0]], np.float32), TARGETS[:2])
    assert better > worse
    assert (TASK.agreement(VALUES, VALUES), TASK.confusion(None)) == (None, None)
    assert set(TASK.facts(TARGETS)) == {"mean", "deviation", "range"}
