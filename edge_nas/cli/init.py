"""`edge-nas init`: a configuration of ten settings, and data laid out for it."""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from edge_nas.cli.columns import show
from edge_nas.cli.options import Json
from edge_nas.cli.outcome import print_json

if TYPE_CHECKING:
    from edge_nas.results.init import Begun


def add_to(app: typer.Typer) -> None:
    """Registers the command."""
    app.command("init")(init)


def init(
    project: Annotated[str, typer.Argument(metavar="NAME", help="Of the configuration NAME.yaml and of the run.")],
    data: Annotated[
        Path | None,
        typer.Option(
            "--data",
            metavar="DIR",
            help="Your pictures with masks or in class folders, or arrays; forty pictures are drawn without.",
            show_default=False,
        ),
    ] = None,
    task: Annotated[
        str | None,
        typer.Option("--task", metavar="TASK", help="The task, where the labels leave it open.", show_default=False),
    ] = None,
    board: Annotated[
        str | None,
        typer.Option("--board", metavar="NAME", help="The board that the build is for.", show_default=False),
    ] = None,
    json: Json = False,
) -> None:
    """Begin a project: NAME.yaml with the ten settings to change first, each with its comment.

    With --data the task is told from the masks, and a folder that is not split, or laid out otherwise, is arranged as
    NAME_data by links. Without, forty pictures are drawn there: the layout is learnt by looking at it. Nothing that is
    there is changed.
    """
    from edge_nas.project import begin

    begun = begin(project, data, task=task, board=board)
    if json:
        print_json(begun.to_data())
        return
    for label, text in report_lines(begun):
        show(label, text)


def report_lines(begun: "Begun") -> Iterator[tuple[str, str]]:
    """Yields what the terminal shows: what a line is about, and the line."""
    counts = ", ".join(f"{count} {split}" for split, count in begun.splits.items())
    yield "data", f"{begun.data}: {begun.found}{f'; {counts}' if counts else ''}"
    yield "task", f"{begun.task}: {begun.task_because}"
    yield "settings", begun.config
    for note in begun.notes:
        yield "note", note
    yield "next", begun.next_command
