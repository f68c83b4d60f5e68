import numpy as np
import pytest

from edge_nas.errors import ArtifactError, DataError
from edge_nas.tasks.binary_segmentation import Confusion, all_background, count, mean_mask, metrics


def test_each_pixel_is_counted_in_its_cell() -> None:
    truth = np.array([[[1, 1, 1], [0, 0, 0]]], np.uint8)
    logits = np.array([[[2.0, 0.1, -3.0], [0.5, -0.1, -9.0]]], np.float32)
    assert count(logits, truth) == Confusion(true_positive=2, false_positive=1, false_negative=1, true_negative=2)
    assert count(logits[..., np.newaxis], truth) == count(logits, truth)


def test_a_logit_of_zero_is_background() -> None:
    assert count(np.zeros((1, 1, 1), np.float32), np.zeros((1, 1, 1), np.uint8)).true_negative == 1


def test_a_mask_counts_as_prediction() -> None:
    truth = np.array([[[1, 0, 1, 0]]], np.uint8)
    assert count(np.array([[[1, 1, 0, 0]]], np.uint8), truth) == Confusion(1, 1, 1, 1)


def test_scores_by_hand() -> None:
    scores = metrics(Confusion(true_positive=6, false_positive=2, false_negative=4, true_negative=18))
    assert scores.foreground_iou == 6 / 12
    assert scores.background_iou == 18 / 24
    assert scores.miou == (6 / 12 + 18 / 24) / 2
    assert scores.f1 == 12 / 18


def test_perfect_and_worst() -> None:
    assert metrics(Confusion(5, 0, 0, 5)).miou == 1.0
    assert metrics(Confusion(0, 5, 5, 0)).miou == 0.0


def test_a_class_absent_from_both_has_no_score() -> None:
    only_background = metrics(Confusion(0, 0, 0, 9))
    assert (only_background.foreground_iou, only_background.f1) == (None, None)
    assert (only_background.background_iou, only_background.miou) == (1.0, 1.0)
    only_foreground = metrics(Confusion(9, 0, 0, 0))
    assert (only_foreground.background_iou, only_foreground.miou, only_foreground.f1) == (None, 1.0, 1.0)


def test_no_pixel_gives_no_score() -> None:
    assert set(metrics(Confusion(0, 0, 0, 0)).to_data().values()) == {None}


def test_batches_add_up() -> None:
    assert Confusion(1, 2, 3, 4) + Confusion(10, 20, 30, 40) == Confusion(11, 22, 33, 44)


def test_shapes_and_nan_are_refused() -> None:
    truth = np.zeros((2, 4, 4), np.uint8)
    for shape in ((2, 4), (2, 4, 4, 2), (1, 4, 4)):
        with pytest.raises(DataError, match="one value per pixel"):
            count(np.zeros(shape, np.float32), truth)
    logits = np.zeros((2, 4, 4), np.float32)
    logits[0, 0, 0] = np.nan
    with pytest.raises(ArtifactError, match="NaN for 1 of 32"):
        count(logits, truth)


def test_all_background_is_below_the_threshold_everywhere() -> None:
    logits = all_background(np.zeros((3, 4, 5, 3), np.float32))
    assert logits.shape == (3, 4, 5, 1)
    assert (logits < 0).all()


def test_the_mean_mask_is_the_strict_majority_of_the_training_masks() -> None:
    masks = np.array([[[1, 1, 1, 0]], [[1, 1, 0, 0]], [[1, 0, 0, 0]], [[1, 1, 1, 0]]], np.uint8)  # 4, 3, 2, 0 of 4
    logits = mean_mask(masks)(np.zeros((2, 1, 4, 3), np.float32))
    assert logits.shape == (2, 1, 4, 1)
    assert (logits[..., 0] > 0).tolist() == [[[True, True, False, False]]] * 2


def test_no_masks_or_another_size_is_refused() -> None:
    with pytest.raises(DataError, match="there are none"):
        mean_mask(np.zeros((0, 4, 4), np.uint8))
    with pytest.raises(DataError, match="training masks are of"):
        mean_mask(np.zeros((2, 4, 4), np.uint8))(np.zeros((1, 4, 5, 3), np.float32))
