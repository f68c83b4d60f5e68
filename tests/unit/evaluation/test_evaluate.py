from dataclasses import replace

import numpy as np
import pytest

from edge_nas.data.dataset import ImageSet
from edge_nas.errors import DataError
from edge_nas.evaluation.evaluate import baselines, evaluate, evaluate_split
from edge_nas.results.spread import block_starts
from edge_nas.tasks.binary_segmentation import all_background, mean_mask


def image_set(count: int) -> ImageSet:
    """Images whose first channel is 255 on the mask and 0 elsewhere."""
    generator = np.random.default_rng(count)
    masks = generator.integers(0, 2, (count, 4, 6), dtype=np.uint8)
    images = generator.integers(0, 256, (count, 4, 6, 3), dtype=np.uint8)
    images[..., 0] = 255 * masks
    return ImageSet(images, masks, tuple(f"{i}.png" for i in range(count)), None)


def first_channel(inputs):
    return inputs[..., :1]


def test_a_perfect_run_scores_one_over_more_than_one_batch() -> None:
    images = image_set(130)
    report = evaluate_split(first_channel, images, "val")
    assert report.metrics.miou == 1.0
    assert report.true_positive == int(images.masks.sum())
    assert report.true_positive + report.true_negative == 130 * 24
    assert (report.split, report.images, report.split_sha256) == ("val", 130, images.sha256)


def test_the_opposite_scores_zero() -> None:
    report = evaluate_split(lambda inputs: -inputs[..., :1], image_set(3), "test")
    assert (report.metrics.miou, report.true_positive, report.true_negative) == (0.0, 0, 0)


def test_the_run_sees_preprocessed_pixels() -> None:
    seen = []
    evaluate_split(lambda inputs: seen.append(inputs) or all_background(inputs), image_set(3), "val")
    assert seen[0].dtype == np.float32
    assert (seen[0].min(), seen[0].max()) == (-1.0, 1.0)


def test_one_matrix_over_all_pixels_is_not_the_mean_of_images() -> None:
    masks = np.zeros((2, 2, 2), np.uint8)
    masks[0] = 1
    masks[1, 0, 0] = 1
    images = ImageSet(np.zeros((2, 2, 2, 3), np.uint8), masks, ("a", "b"), None)
    report = evaluate_split(lambda inputs: np.ones((*inputs.shape[:3], 1), np.float32), images, "val")
    assert report.metrics.foreground_iou == 5 / 8  # per image it would be (1 + 1/4) / 2


def test_an_empty_split_is_refused() -> None:
    empty = ImageSet(np.zeros((0, 4, 6, 3), np.uint8), np.zeros((0, 4, 6), np.uint8), (), None)
    with pytest.raises(DataError, match="'test' holds no sample"):
        evaluate_split(first_channel, empty, "test")


def test_the_mean_mask_is_fitted_on_train_and_judged_elsewhere() -> None:
    train = np.zeros((4, 4, 6), np.uint8)
    train[:, 2:] = 1
    images = image_set(5)
    report = evaluate_split(mean_mask(train), images, "val")
    assert report.true_positive == int(images.masks[:, 2:].sum())
    assert report.false_negative == int(images.masks[:, :2].sum())


def test_a_network_is_evaluated_on_val_and_on_test_where_there_is_one(easy_dataset) -> None:
    without_test = replace(easy_dataset, test=None)
    scores = evaluate(first_channel, without_test)
    assert scores.val.split == "val"
    assert scores.reported == scores.val
    with_test = replace(easy_dataset, test=easy_dataset.val)
    assert evaluate(first_channel, with_test).reported.split == "test"


def test_baselines_are_evaluated_on_the_reported_split(easy_dataset) -> None:
    scores = baselines(replace(easy_dataset, test=easy_dataset.val))
    assert {key: report.split for key, report in scores.items()} == {"all_background": "test", "mean_mask": "test"}


@pytest.mark.parametrize("count", [3, 130])
def test_the_score_is_also_taken_without_each_block(count: int) -> None:
    images, starts = image_set(count), [*block_starts(count), count]

    def noisy(inputs):
        return np.where(inputs[..., 1:2] > 0.7, -1.0, inputs[..., :1])

    whole = evaluate_split(noisy, images, "val")
    assert len(whole.left_out) == len(starts) - 1
    for block in (0, len(starts) - 2):
        rest = np.r_[0 : starts[block], starts[block + 1] : count]
        part = ImageSet(images.images[rest], images.labels[rest], tuple(map(str, rest)), None)
        assert whole.left_out[block] == evaluate_split(noisy, part, "val").metrics.miou


def test_a_single_sample_leaves_nothing_out_and_too_many_outputs_are_refused() -> None:
    assert evaluate_split(first_channel, image_set(1), "val").left_out == ()
    with pytest.raises(DataError, match="6 outputs for 3 samples"):
        evaluate_split(lambda inputs: np.repeat(inputs[..., :1], 2, axis=0), image_set(3), "val")
