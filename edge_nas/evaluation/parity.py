"""How far two runtimes agree on the same inputs, value by value and answer by answer."""

from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from edge_nas.errors import DataError
from edge_nas.results.parity import AnswerParity, AnyParity, Differences, ParityReport
from edge_nas.tasks import BINARY_SEGMENTATION, Task

LOGIT_TOLERANCE = 1e-5
"""Relative to the largest logit: runtimes add the same float32 numbers, of 24 bits or 6e-8 each, in another order."""


def compare(
    reference: npt.NDArray[Any],
    candidate: npt.NDArray[Any],
    *,
    names: tuple[str, str],
    unit: Literal["lsb", "logit"],
    task: Task = BINARY_SEGMENTATION,
    scale: float = 1.0,
    zero_point: int = 0,
    truth: npt.NDArray[Any] | None = None,
) -> AnyParity:
    """Returns how far the candidate's outputs are from the reference's.

    Args:
        reference: (N, ...) outputs: int8 codes with unit `lsb`, float logits with unit `logit`.
        candidate: outputs of the same shape, for the same inputs; codes of the same scale and zero point.
        names: what reference and candidate are called.
        unit: `lsb`: within one means |difference| <= 1; `logit`: <= 1e-5 * max(1, max|reference|).
        task: what the outputs mean.
        scale: of codes, together with `zero_point`: output = scale * (code - zero_point).
        zero_point: of codes.
        truth: labels of the inputs, to evaluate the candidate on.

    Raises:
        DataError: the shapes differ, there is nothing to compare, codes are floats, or a value is NaN or infinite.
    """
    if reference.shape != candidate.shape or not reference.size:
        raise DataError(f"{names[0]} gave {reference.shape}, {names[1]} gave {candidate.shape}; both must be the same")
    for name, values in zip(names, (reference, candidate), strict=True):
        if unit == "lsb" and not np.issubdtype(values.dtype, np.integer):
            raise DataError(f"{name} gave {values.dtype}; LSBs are counted between integer codes")
        if not np.isfinite(values).all():
            raise DataError(f"{name} gave NaN or infinity; such values cannot be compared")
    # float64 holds every int8 difference and every float32 exactly.
    expected = reference.astype(np.float64)
    difference = np.abs(candidate.astype(np.float64) - expected)
    one = 1.0 if unit == "lsb" else LOGIT_TOLERANCE * max(1.0, float(np.abs(expected).max()))
    reference_outputs = scale * (reference.astype(np.float32) - zero_point)
    candidate_outputs = scale * (candidate.astype(np.float32) - zero_point)
    score = None if truth is None else primary_score(task, candidate_outputs, truth)
    same = task.agreement(reference_outputs, candidate_outputs)
    differences = Differences(
        reference=names[0],
        candidate=names[1],
        inputs=len(reference),
        exact_share=float(np.mean(difference == 0)),
        within_one_share=float(np.mean(difference <= one)),
        max_abs=float(difference.max()),
        mean_abs=float(difference.mean()),
        unit=unit,
    )
    if task.has_masks:
        return ParityReport.model_validate({**dict(differences), "mask_agreement": same, "miou": score})
    return AnswerParity(**dict(differences), same_answers=same, score=score)


def primary_score(task: Task, outputs: npt.NDArray[np.float32], truth: npt.NDArray[Any]) -> float | None:
    """Returns the primary score of outputs (N, ...) for labels (N, ...); None where it is undefined."""
    report = task.report(task.count(outputs, truth), split="val", images=len(truth), split_sha256="")
    return report.metrics.primary
