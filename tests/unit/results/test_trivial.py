import pytest

from edge_nas.errors import GateError
from edge_nas.results.result import ResultEvaluation
from edge_nas.results.scores import ClassificationMetrics, Metrics
from edge_nas.results.trivial import check_above_trivial, no_better_than_trivial


def scored(miou: float | None) -> Metrics:
    return Metrics(miou=miou, foreground_iou=miou, background_iou=miou, f1=miou)


BASELINES = {"all_background": scored(0.352), "mean_mask": scored(0.602)}


@pytest.mark.parametrize(
    ("miou", "finding"),
    [
        (0.7, None),
        (0.603, None),
        (0.602, "mIoU is 0.602, and mean_mask, which looks at no image, has 0.602"),
        (0.582, "mIoU is 0.582, and mean_mask, which looks at no image, has 0.602"),
        (None, "mIoU is undefined, and mean_mask, which looks at no image, has 0.602"),
    ],
)
def test_the_best_trivial_predictor_is_what_counts(miou: float | None, finding: str | None) -> None:
    assert no_better_than_trivial(scored(miou), BASELINES) == finding


def test_where_no_predictor_has_a_score_there_is_nothing_to_compare() -> None:
    assert no_better_than_trivial(scored(0.1), {}) is None
    assert no_better_than_trivial(scored(None), {"all_background": scored(None)}) is None


def test_the_shipped_network_is_held_against_them() -> None:
    good = ResultEvaluation(split="test", baselines=BASELINES, trained=scored(0.5), int8=scored(0.61))
    check_above_trivial(good)
    check_above_trivial(good.model_copy(update={"int8": None}))
    check_above_trivial(ResultEvaluation())
    message = r"learnt nothing: its mIoU is 0\.500, and mean_mask.*has 0\.602 \(on test\).*gates\.trivial=false"
    with pytest.raises(GateError, match=message):
        check_above_trivial(good.model_copy(update={"int8": scored(0.5)}))


def test_of_another_task() -> None:
    answers = ClassificationMetrics(accuracy=0.4, balanced_accuracy=0.5, macro_f1=0.4)
    assert no_better_than_trivial(answers, {"majority": answers}) == (
        "accuracy is 0.400, and majority, which looks at no image, has 0.400"
    )
