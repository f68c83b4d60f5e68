import numpy as np
import pytest

from edge_nas.errors import DataError
from edge_nas.evaluation.baselines import all_background, mean_mask


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
