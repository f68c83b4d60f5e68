"""`edge-nas compare`: two runs, or two int8 files, beside each other, to a decision; and the gate of a pull request."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from edge_nas.cli.columns import show
from edge_nas.cli.options import Json
from edge_nas.cli.outcome import print_json
from edge_nas.errors import GateError

if TYPE_CHECKING:
    from edge_nas.results.compare import Comparison, Subject

_NAME, _COLUMN = 14, 18
"""Characters of the first column and of those of A and B; with the change they fit into 80."""


def add_to(app: typer.Typer) -> None:
    """Registers the command."""
    app.command("compare")(compare)


def compare(
    context: typer.Context,
    a: Annotated[
        Path, typer.Argument(metavar="A", help="What is there: a run, its result.json, or an int8 .tflite file.")
    ],
    b: Annotated[Path, typer.Argument(metavar="B", help="The candidate, of the same kinds.")],
    policy: Annotated[
        Path | None,
        typer.Option(
            "--policy",
            metavar="FILE",
            help="A .yaml file of rules, such as max_score_drop: 0.01; a broken one is exit code 4.",
            show_default=False,
        ),
    ] = None,
    board: Annotated[
        str | None,
        typer.Option(
            "--board", metavar="NAME", help="On which both are looked at; by default B's own.", show_default=False
        ),
    ] = None,
    json: Json = False,
) -> None:
    """Compare two runs: score with its spread over images, instructions, SRAM, flash, settings that differ.

    Figures are those that the builds measured on the board's core; of a .tflite file they are predicted, in which case
    --board names the board. Nothing is run, trained or changed.
    """
    from edge_nas.comparison import check_policy, read_policy, read_subject
    from edge_nas.comparison import compare as compare_subjects
    from edge_nas.comparison.policy import broken

    rules = read_policy(policy) if policy is not None else None
    comparison = compare_subjects(read_subject(a), read_subject(b), board)
    if rules is not None:
        comparison = check_policy(rules, comparison)
    failed = broken(comparison)
    if failed:
        context.obj.answer = comparison
    if not json:
        for label, text in report_lines(comparison):
            show(label, text, width=_NAME)
    if failed:
        told = "; ".join(f"{check.rule}: {check.allowed}, seen: {check.seen}" for check in failed)
        raise GateError(f"{b} breaks {len(failed)} of {len(comparison.policy or ())} rules of {policy}: {told}")
    if json:
        print_json(comparison.to_data())


def report_lines(comparison: "Comparison") -> Iterator[tuple[str, str]]:
    """Yields what the terminal shows: what a line is about, and the line."""
    for letter, subject in (("A", comparison.a), ("B", comparison.b)):
        failed = "" if subject.status == "ok" else f" (its build ended with: {subject.status})"
        yield letter, f"{subject.path}{failed}"
        if subject.unknown is not None:
            yield "", f"not known on the board: {subject.unknown}"
    yield _row("", "A", "B", "change")
    yield from _score_row(comparison)
    yield from _figure_rows(comparison)
    yield from _setting_lines(comparison.settings)
    yield "decision", comparison.verdict
    for check in comparison.policy or ():
        state = "met" if check.is_met else "BROKEN"
        yield "policy", f"{state:8}{check.rule}: {check.allowed}, seen: {check.seen}"


def _score_row(comparison: "Comparison") -> Iterator[tuple[str, str]]:
    score = comparison.b.score or comparison.a.score
    if score is None:
        return
    change = comparison.score_change
    told = ""
    if change is not None:
        error = "" if change.standard_error is None else f" ± {change.standard_error:.3f}"
        told = f"{change.value:+.3f}{error}{', other images' if change.is_paired is False else ''}"
    yield _row(f"{score.split} {score.heading}"[: _NAME - 1], _score(comparison.a), _score(comparison.b), told)


def _score(subject: "Subject") -> str:
    from edge_nas.comparison.compare import shown_score

    return "" if subject.score is None else shown_score(subject.score.value, subject.score.standard_error)


def _figure_rows(comparison: "Comparison") -> Iterator[tuple[str, str]]:
    from edge_nas.comparison.compare import share_of_change
    from edge_nas.core.formats import kibibytes, short_error

    rows: tuple[tuple[str, str, Callable[[Any], str], int | None], ...] = (
        ("params", "params", lambda value: f"{value:,}", None),
        ("MACs", "macs", lambda value: f"{value:,}", None),
        ("instructions", "instructions", lambda value: f"{value:,}", None),
        (f"time, {short_error(comparison.error_percent)}", "milliseconds", lambda value: f"~{value:.3g} ms", None),
        ("SRAM", "sram_bytes", kibibytes, comparison.sram_available_bytes),
        ("flash", "flash_bytes", kibibytes, comparison.flash_available_bytes),
    )
    if comparison.board is not None:
        yield _row(comparison.board[: _NAME - 1], _fit(comparison.a), _fit(comparison.b), "")
    for name, field, text, limit in rows:
        before, after = (getattr(subject.figures, field) for subject in (comparison.a, comparison.b))
        if before is None and after is None:
            continue
        share = share_of_change(before, after)
        told = "" if share is None else f"{100 * share:+.1f} %"
        of_limit = "" if limit is None else f", of {kibibytes(limit)}"
        shown = ["not known" if value is None else text(value) for value in (before, after)]
        yield _row(name, shown[0], shown[1], told + of_limit)


def _fit(subject: "Subject") -> str:
    return {True: "fits", False: "DOES NOT FIT", None: "not known"}[subject.fits]


def _setting_lines(settings: "dict[str, tuple[Any, Any]] | None") -> Iterator[tuple[str, str]]:
    if settings is None:
        yield "settings", "not compared: one of the two is not a run"
        return
    if not settings:
        yield "settings", "the same"
    label = "settings"
    for key, (before, after) in settings.items():
        yield label, f"{key} {_shown(before)} -> {_shown(after)}"
        label = ""


def _shown(value: Any) -> str:
    return "(not set)" if value is None else str(value)


def _row(name: str, a: str, b: str, change: str) -> tuple[str, str]:
    return name, f"{a:{_COLUMN}}{b:{_COLUMN}}{change}".rstrip()
