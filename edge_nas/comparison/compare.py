"""From two sides to a comparison on one board, and to a sentence that says what follows."""

import math
from typing import Any

from edge_nas.boards import Board, error_percent, estimate_ms, load_board
from edge_nas.comparison.subjects import ReadSubject
from edge_nas.core.formats import score
from edge_nas.costs import CostUnknownError, predict_cost
from edge_nas.int8.inspection import inspect_tflite
from edge_nas.int8.intake import open_tflite
from edge_nas.results.compare import ComparedScore, Comparison, Figures, ScoreChange, Subject
from edge_nas.results.spread import standard_error, standard_error_of_difference

_CERTAIN = 2.0
"""Standard errors that a difference of scores has to have to be told from chance: 95 % of a normal distribution."""
_SAME_COST = 0.005
"""Share up to which costs are called equal: what another compiler version already makes of the same C."""


def compare(a: ReadSubject, b: ReadSubject, board_name: str | None) -> Comparison:
    """Returns both sides on one board.

    Args:
        a: what is there.
        b: the candidate.
        board_name: a board's name or file; None: the board that B was built for, else A's.

    Raises:
        ConfigError, InputError: no such board.
    """
    named = board_name or b.board or a.board
    board = load_board(named) if named is not None else None
    first, second = _subject(a, board), _subject(b, board)
    change = _score_change(a, b, first, second)
    return Comparison(
        board=board.name if board is not None else None,
        sram_available_bytes=board.sram_bytes.value if board is not None and board.sram_bytes is not None else None,
        flash_available_bytes=board.flash_bytes.value if board is not None and board.flash_bytes is not None else None,
        a=first,
        error_percent=None if board is None else error_percent(board),
        b=second,
        score_change=change,
        settings=_changed_settings(a.settings, b.settings),
        verdict=verdict(first, second, change),
    )


def verdict(a: Subject, b: Subject, change: ScoreChange | None) -> str:
    """Returns what follows for who has to choose: what B costs beside A, and whether its score differs for sure."""
    return f"{_about_cost(a.figures, b.figures)}; {_about_score(change)}{_about_fit(a, b)}"


def _about_score(change: ScoreChange | None) -> str:
    if change is None:
        return "scores cannot be compared"
    if change.standard_error is None:
        return f"its score is {_signed(change.value)}, with an unknown spread"
    if abs(change.value) <= _CERTAIN * change.standard_error:
        return "these images show no difference in score"
    return f"it scores {'better' if change.value > 0 else 'worse'} by more than chance explains"


def _about_cost(a: Figures, b: Figures) -> str:
    changes = [share_of_change(getattr(a, name), getattr(b, name)) for name in ("instructions", "sram_bytes",
                                                                                "flash_bytes")]  # fmt: skip
    known = [change for change in changes if change is not None]
    if not known:
        return "costs cannot be compared"
    less = any(change < -_SAME_COST for change in known)
    more = any(change > _SAME_COST for change in known)
    if less and more:
        return "B takes less of one thing and more of another"
    if less or more:
        return f"B takes {'less' if less else 'more'}"
    return "B takes the same"


def _about_fit(a: Subject, b: Subject) -> str:
    if b.fits is False:
        return "; B DOES NOT FIT the board" + ("" if a.fits is False else ", A does" if a.fits else "")
    return "; A does not fit the board" if a.fits is False else ""


def share_of_change(before: float | None, after: float | None) -> float | None:
    """Returns by which share a figure changed; None where one is not known or there was nothing."""
    return None if before is None or after is None or not before else after / before - 1


def _signed(value: float) -> str:
    return f"{value:+.3f}"


def _subject(read: ReadSubject, board: Board | None) -> Subject:
    unknown = None
    try:
        figures = _figures_of_file(read.data, board) if read.data is not None else _figures_of_build(read, board)
    except CostUnknownError as error:
        figures, unknown = _size_of_file(read.data or b""), str(error)
    return Subject(
        path=str(read.path),
        kind=read.kind,
        name=read.name,
        status=read.result.status if read.result is not None else "ok",
        score=_score(read),
        figures=figures,
        fits=_fits(figures, board),
        unknown=unknown or _why_unknown(figures, read, board),
    )


def _why_unknown(figures: Figures, read: ReadSubject, board: Board | None) -> str | None:
    """Returns why nothing is known of the board's core, and what brings it."""
    if figures.instructions is not None:
        return None
    if board is None:
        return "no board is named: --board NAME"
    if board.emulated_core is None:
        return f"instructions of {board.core}, the core of {board.name}, cannot be counted or predicted"
    if read.result is not None and (core := read.result.cores.get(board.emulated_core)) is not None:
        return core.skipped
    return f"the build did not count on {board.emulated_core}, the core of {board.name} (verify.cores)"


def _score(read: ReadSubject) -> ComparedScore | None:
    if read.result is None or read.result.evaluation.int8 is None:
        return None
    metrics, report = read.result.evaluation.int8, read.report
    # Of another build's record, or of one that was made again meanwhile, the spread would be of another network.
    is_its_own = report is not None and report.metrics == metrics
    return ComparedScore(
        heading=metrics.heading,
        split=read.result.evaluation.split or "val",
        value=metrics.primary,
        standard_error=standard_error(report.left_out) if report is not None and is_its_own else None,
    )


def _score_change(a: ReadSubject, b: ReadSubject, first: Subject, second: Subject) -> ScoreChange | None:
    was, now = first.score, second.score
    if was is None or now is None or was.heading != now.heading or was.value is None or now.value is None:
        return None
    value = now.value - was.value
    if a.report is None or b.report is None:
        return ScoreChange(value=value, standard_error=None, is_paired=None)
    if a.report.split_sha256 == b.report.split_sha256:
        error = standard_error_of_difference(a.report.left_out, b.report.left_out)
        return ScoreChange(value=value, standard_error=error, is_paired=True)
    known = [error for error in (was.standard_error, now.standard_error) if error is not None]
    return ScoreChange(value=value, standard_error=math.hypot(*known) if len(known) == 2 else None, is_paired=False)


def _figures_of_build(read: ReadSubject, board: Board | None) -> Figures:
    """Returns what the build measured on the board's core, or in its bundle where it is for this board."""
    result = read.result
    if result is None:
        return Figures()
    cost = result.cost.deployed
    known = {"macs": cost.macs, "params": cost.params} if cost is not None else {}
    core = result.cores.get(board.emulated_core) if board is not None and board.emulated_core is not None else None
    if board is None or core is None or core.instructions is None:
        return Figures(**known)
    sram, flash = (core.ram_bytes or 0) + (core.stack_bytes or 0), core.flash_bytes
    if result.deployment is not None and result.deployment.board == board.name:
        # With the constants of the preprocessing, which an image for a core has not.
        sram, flash = result.deployment.ram_bytes, result.deployment.flash_bytes
    return Figures(
        instructions=core.instructions,
        milliseconds=estimate_ms(board, core.instructions, core.pace),
        sram_bytes=sram,
        flash_bytes=flash,
        **known,
    )


def _figures_of_file(data: bytes, board: Board | None) -> Figures:
    """Returns what the C of an int8 file is predicted to take.

    Raises:
        CostUnknownError: a kernel was never counted on the board's core.
    """
    size = _size_of_file(data)
    if board is None or board.emulated_core is None:
        return size
    cost = predict_cost(data, board.emulated_core)
    return size.model_copy(
        update={
            "instructions": cost.instructions,
            "milliseconds": estimate_ms(board, cost.instructions, cost.pace),
            "sram_bytes": cost.ram_bytes,
            "flash_bytes": cost.flash_bytes,
        }
    )


def _size_of_file(data: bytes) -> Figures:
    inspection = inspect_tflite(open_tflite(data, "the .tflite file"), "the .tflite file", [])
    return Figures(macs=inspection.macs, params=inspection.params)


def _fits(figures: Figures, board: Board | None) -> bool | None:
    if board is None or figures.sram_bytes is None or figures.flash_bytes is None:
        return None
    pairs = ((figures.sram_bytes, board.sram_bytes), (figures.flash_bytes, board.flash_bytes))
    return all(limit is None or needed <= limit.value for needed, limit in pairs)


def _changed_settings(a: dict[str, Any] | None, b: dict[str, Any] | None) -> dict[str, tuple[Any, Any]] | None:
    """Returns the settings that differ, but for the name, which always does."""
    if a is None or b is None:
        return None
    keys = [key for key in {**a, **b} if key != "name" and a.get(key) != b.get(key)]
    return {key: (a.get(key), b.get(key)) for key in keys}


def shown_score(value: float | None, error: float | None) -> str:
    """Returns a score with its standard error."""
    return score(value) if error is None else f"{score(value)} ± {error:.3f}"
