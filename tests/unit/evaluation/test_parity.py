import numpy as np
import pytest

from edge_nas.errors import DataError
from edge_nas.evaluation.parity import compare
from edge_nas.tasks import Classification, Regression, Segmentation

NAMES = ("litert reference", "litert")


def codes(*values: int) -> np.ndarray:
    return np.array(values, np.int8).reshape(1, 1, -1, 1)


def logits(*values: float) -> np.ndarray:
    return np.array(values, np.float32).reshape(1, 1, -1, 1)


def test_codes_by_hand() -> None:
    report = compare(codes(0, 10, -128, 5), codes(0, 11, 127, 3), names=NAMES, unit="lsb")
    assert (report.exact_share, report.within_one_share) == (1 / 4, 2 / 4)
    assert (report.max_abs, report.mean_abs) == (255, (0 + 1 + 255 + 2) / 4)  # 255: no wrap around in int8
    assert report.mask_agreement == 3 / 4
    assert (report.reference, report.candidate, report.unit, report.inputs) == (*NAMES, "lsb", 1)


def test_the_threshold_is_the_zero_point() -> None:
    reference, candidate = codes(-40, -34, 3), codes(-40, -36, 3)
    assert compare(reference, candidate, names=NAMES, unit="lsb", zero_point=-35).mask_agreement == 2 / 3
    assert compare(reference, candidate, names=NAMES, unit="lsb").mask_agreement == 1.0


def test_logits_are_within_one_by_a_tolerance_relative_to_the_largest() -> None:
    small = compare(logits(0.0, 0.5), logits(0.9e-5, 0.5), names=NAMES, unit="logit")
    assert (small.exact_share, small.within_one_share) == (0.5, 1.0)
    too_far = compare(logits(0.0, 0.5), logits(1.1e-5, 0.5), names=NAMES, unit="logit")
    assert too_far.within_one_share == 0.5
    scaled = compare(logits(0.0, -20.0), logits(1.9e-4, -20.0), names=NAMES, unit="logit")
    assert scaled.within_one_share == 1.0
    assert scaled.max_abs == pytest.approx(1.9e-4)


def test_equal_is_equal() -> None:
    values = np.random.default_rng(0).normal(size=(7, 4, 4, 1)).astype(np.float32)
    report = compare(values, values.copy(), names=NAMES, unit="logit")
    assert (report.exact_share, report.within_one_share, report.mask_agreement) == (1.0, 1.0, 1.0)
    assert (report.max_abs, report.mean_abs, report.inputs) == (0.0, 0.0, 7)


def test_what_cannot_be_compared_is_refused() -> None:
    with pytest.raises(DataError, match="both must be the same"):
        compare(codes(1, 2), codes(1), names=NAMES, unit="lsb")
    with pytest.raises(DataError, match="both must be the same"):
        compare(codes(), codes(), names=NAMES, unit="lsb")
    with pytest.raises(DataError, match="litert gave float32"):
        compare(codes(1), logits(1.0), names=NAMES, unit="lsb")
    with pytest.raises(DataError, match="litert reference gave NaN"):
        compare(logits(np.nan), logits(1.0), names=NAMES, unit="logit")


def test_the_candidate_is_judged_where_the_truth_is_given() -> None:
    truth = np.array([[[1, 1, 0, 0]]], np.uint8)
    report = compare(codes(9, 9, 0, 0), codes(9, -3, 0, 0), names=NAMES, unit="lsb", truth=truth)
    assert report.miou == pytest.approx((1 / 2 + 2 / 3) / 2)
    assert compare(codes(1), codes(1), names=NAMES, unit="lsb").miou is None


def test_classes_and_values_of_codes() -> None:
    task = Classification(("a", "b", "c"))
    reference = np.array([[1, 5, 3], [9, 0, 0]], np.int8)
    candidate = np.array([[1, 5, 6], [9, 0, 1]], np.int8)
    report = compare(reference, candidate, names=NAMES, unit="lsb", task=task, scale=0.5, zero_point=3,
                     truth=np.array([1, 0], np.int32))  # fmt: skip
    assert (report.same_answers, report.score) == (0.5, 0.5)
    values = Regression((0.0,), (1.0,))
    truth = np.array([[1.0], [3.0]], np.float32)
    codes_of = ((truth / 0.5) - 7).astype(np.int8)
    report = compare(codes_of, codes_of, names=NAMES, unit="lsb", task=values, scale=0.5, zero_point=-7, truth=truth)
    assert (report.same_answers, report.score) == (None, 1.0)
    assert "mask_agreement" not in report.to_data()


def test_masks_of_classes_agree_pixel_by_pixel() -> None:
    outputs = np.random.default_rng(0).normal(size=(2, 4, 4, 3)).astype(np.float32)
    report = compare(outputs, -outputs, names=NAMES, unit="logit", task=Segmentation(("a", "b", "c")))
    assert report.same_answers == report.mask_agreement == 0.0
