"""Two networks beside each other on one board: scores with spread, cost, settings that differ, a policy's rules."""

from typing import Any, Literal

from pydantic import Field

from edge_nas.core.frozen import Frozen
from edge_nas.results.answers import Answer

SubjectKind = Literal["run", "result", "tflite"]


class Figures(Frozen):
    """What a network takes; None: not known.

    Attributes:
        instructions: of one inference on the board's core.
        milliseconds: an estimate, instructions times the board's cycle model.
        sram_bytes: data, bss and stack; of a .tflite file, the arena.
        flash_bytes: code and constants.
        macs: multiply-accumulates of one inference.
        params: weights and biases.
    """

    instructions: int | None = None
    milliseconds: float | None = None
    sram_bytes: int | None = None
    flash_bytes: int | None = None
    macs: int | None = None
    params: int | None = None


class ComparedScore(Frozen):
    """A primary score on a split, and its standard error over the images; None: not known."""

    heading: str
    split: str
    value: float | None
    standard_error: float | None = None


class Subject(Frozen):
    """One side of a comparison.

    Attributes:
        path: as it was given.
        kind: a run's folder, a result.json, or an int8 .tflite file, whose figures are predicted.
        name: of the build, or of the file.
        status: of the build; ok for a file.
        score: as shipped; None: it has none.
        figures: on the comparison's board.
        fits: whether they fit the board's memories; None: not known.
        unknown: why figures are not known, where that is so.
    """

    path: str
    kind: SubjectKind
    name: str | None
    status: Literal["ok", "failed", "gate"] = "ok"
    score: ComparedScore | None = None
    figures: Figures = Figures()
    fits: bool | None = None
    unknown: str | None = None


class ScoreChange(Frozen):
    """B's score less A's, in the score's unit, and the standard error of that over the images.

    `is_paired`: both were scored on the same images, so that the error is that of the differences; otherwise it is that
    of two independent scores. None: one of the two does not say on which images.
    """

    value: float
    standard_error: float | None
    is_paired: bool | None


class RuleCheck(Frozen):
    """One rule of a policy: what it allows, what was seen, whether it is met."""

    rule: str
    allowed: str
    seen: str
    is_met: bool


class Comparison(Answer):
    """What `edge-nas compare` found.

    Attributes:
        board: on which both are looked at; None where none is named and none follows.
        sram_available_bytes, flash_available_bytes: of the board; None: no limit.
        a, b: the two sides; B is the candidate.
        error_percent: of their times, see `edge_nas.boards.error_percent`.
        score_change: None where one of the scores is not known, or they are of different kinds.
        settings: dotted key -> what A and what B had, where they differ; None where one of them has no settings.
        verdict: what follows, in a sentence.
        policy: every rule of the policy that was given; None without one.
    """

    board: str | None
    sram_available_bytes: int | None = Field(default=None, ge=0)
    flash_available_bytes: int | None = Field(default=None, ge=0)
    a: Subject
    b: Subject
    error_percent: float | None = None
    score_change: ScoreChange | None
    settings: dict[str, tuple[Any, Any]] | None
    verdict: str
    policy: tuple[RuleCheck, ...] | None = None
