"""How far two runtimes agree on the same inputs, value by value and answer by answer."""

from typing import Literal

from edge_nas.core.frozen import Frozen


class Differences(Frozen):
    """How far two runtimes agree on the same inputs, value by value.

    `exact_share` and `within_one_share` are shares of output values (within one: one LSB, or 1e-5 of a logit);
    `max_abs` and `mean_abs` are in `unit`.
    """

    reference: str
    candidate: str
    inputs: int
    exact_share: float
    within_one_share: float
    max_abs: float
    mean_abs: float
    unit: Literal["lsb", "logit"]


class ParityReport(Differences):
    """How far two runtimes agree on the masks they give for the same inputs.

    `mask_agreement` is the share of pixels with the same class; `miou` is the candidate's own score on these inputs,
    None where it was not evaluated.
    """

    mask_agreement: float
    miou: float | None = None

    @property
    def same_answers(self) -> float:
        """The share of answers that are the same, pixel by pixel."""
        return self.mask_agreement

    @property
    def score(self) -> float | None:
        """The candidate's own primary score."""
        return self.miou


class AnswerParity(Differences):
    """How far two runtimes agree on one answer per image.

    `same_answers` is the share of images with the same class, None where answers are no classes; `score` is the
    candidate's own primary score on these inputs, None where it was not evaluated.
    """

    same_answers: float | None
    score: float | None = None


AnyParity = ParityReport | AnswerParity
