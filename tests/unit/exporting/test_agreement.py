"""Files that compute something else than what they were made from are held back."""

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from edge_nas.data.dataset import ImageSet
from edge_nas.errors import GateError
from edge_nas.exporting.agreement import Comparison, check_qdq
from edge_nas.tasks import Classification


def runtime(values: np.ndarray) -> Any:
    """What gives these outputs, of codes that stand for a tenth."""
    return SimpleNamespace(run=lambda _: values, output_spec=SimpleNamespace(scale=0.1))


def test_answers_that_one_code_turns_hold_nothing_back() -> None:
    """Seen: motion_128x3, 10 ties in 300 samples, three of them turned by one code each, a point of accuracy."""
    task = Classification(("a", "b"))
    truth = np.zeros(300, np.int32)
    images = ImageSet(np.zeros((300, 1, 1, 3), np.uint8), truth, tuple(map(str, range(300))), None, task)
    expected = np.ones((300, 2), np.float32)  # the first of two classes of the same code is the answer
    turned = expected.copy()
    turned[:3, 1] += 0.1

    def check(qdq: np.ndarray) -> None:
        outputs = {"model.tflite": expected, "model_int8.onnx": qdq}
        check_qdq(Comparison(Path(), {name: runtime(values) for name, values in outputs.items()}, images, expected))

    check(turned)
    turned[7, 0] += 0.2  # two codes, and the answer is what it was: now the three count
    with pytest.raises(GateError, match=r"scores 0\.9900 accuracy on val, model\.tflite 1\.0000"):
        check(turned)


def test_the_gate_holds_back_a_qdq_file_that_scores_otherwise() -> None:
    truth = np.tile(np.array([[0, 1], [1, 0]], np.uint8), (4, 1, 1))
    images = ImageSet(np.zeros((4, 2, 2, 3), np.uint8), truth, tuple("abcd"))
    right = np.where(truth, 5.0, -5.0).astype(np.float32)[..., None]
    wrong = right.copy()
    wrong[0, 0, 0] = 5

    def given(qdq: np.ndarray) -> Comparison:
        outputs = {"model.tflite": right, "model_int8.onnx": qdq}
        return Comparison(Path(), {name: runtime(values) for name, values in outputs.items()}, images, right)

    check_qdq(given(right))
    with pytest.raises(GateError, match=r"model_int8\.onnx scores 0\.8\d+ mIoU on val, model\.tflite 1\.0000"):
        check_qdq(given(wrong))


def test_one_answer_of_few_is_allowed_whatever_its_share_is_as_a_float() -> None:
    task = Classification(("a", "b"))
    truth = np.arange(300, dtype=np.int32) % 2
    right = np.eye(2, dtype=np.float32)[truth]
    images = ImageSet(np.zeros((300, 1, 1, 3), np.uint8), truth, tuple(map(str, truth)), None, task)

    def given(first_wrong: int, second_wrong: int) -> Comparison:
        outputs = {}
        for name, wrong in (("model.tflite", first_wrong), ("model_int8.onnx", second_wrong)):
            outputs[name] = np.concatenate([right[:wrong, ::-1], right[wrong:]])
        return Comparison(Path(), {name: runtime(values) for name, values in outputs.items()}, images, right)

    for wrong in range(50, 90):
        check_qdq(given(wrong, wrong + 1))
    with pytest.raises(GateError, match="allowed: a difference of 0"):
        check_qdq(given(70, 72))
