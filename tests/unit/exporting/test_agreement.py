"""Files that compute something else than what they were made from are held back."""

from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from edge_nas.data.dataset import ImageSet
from edge_nas.errors import GateError
from edge_nas.exporting.agreement import Comparison, check_qdq
from edge_nas.tasks import Classification


def test_the_gate_holds_back_a_qdq_file_that_scores_otherwise() -> None:
    truth = np.tile(np.array([[0, 1], [1, 0]], np.uint8), (4, 1, 1))
    images = ImageSet(np.zeros((4, 2, 2, 3), np.uint8), truth, tuple("abcd"))
    right = np.where(truth, 5.0, -5.0).astype(np.float32)[..., None]
    wrong = right.copy()
    wrong[0, 0, 0] = 5

    def given(qdq: np.ndarray) -> Comparison:
        outputs = {"model.tflite": right, "model_int8.onnx": qdq}
        runtimes = {name: SimpleNamespace(run=lambda _, values=values: values) for name, values in outputs.items()}
        return Comparison(Path(), runtimes, images, right)

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
        runtimes = {name: SimpleNamespace(run=lambda _, values=values: values) for name, values in outputs.items()}
        return Comparison(Path(), runtimes, images, right)

    for wrong in range(50, 90):
        check_qdq(given(wrong, wrong + 1))
    with pytest.raises(GateError, match="allowed: a difference of 0"):
        check_qdq(given(70, 72))
