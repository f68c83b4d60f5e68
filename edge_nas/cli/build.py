"""`edge-nas build`: the whole line, or a part of it."""

from pathlib import Path
from typing import Annotated

import typer

from edge_nas.cli.options import Json, Quiet, Settings, configuration
from edge_nas.cli.outcome import print_json


def add_to(app: typer.Typer) -> None:
    """Registers the command."""
    app.command("build")(build)


def build(
    context: typer.Context,
    settings: Settings = None,
    run: Annotated[
        Path | None,
        typer.Option("--run", metavar="DIR", help="The run's folder; runs/NAME of the configuration by default."),
    ] = None,
    from_stage: Annotated[
        str | None,
        typer.Option(
            "--from",
            metavar="STAGE",
            help="Run STAGE and all after it again, even where finished; those before must be finished.",
        ),
    ] = None,
    until_stage: Annotated[str | None, typer.Option("--until", metavar="STAGE", help="The last stage to run.")] = None,
    fresh: Annotated[bool, typer.Option("--fresh", help="Start over: remove what earlier builds wrote.")] = False,
    json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Train, analyze, prune, quantize, export, benchmark and report.

    The same command resumes: stages that are finished with these settings, data and versions are skipped.

    Without CONFIG a run that --run names keeps its settings; a new one gets the preset nano_u_48x64.
    """
    from edge_nas import pipeline
    from edge_nas.cli.summary import print_summary
    from edge_nas.cli.terminal import Terminal

    config = configuration(settings, run)
    with Terminal(context.obj, quiet=quiet) as terminal:
        result = pipeline.build(
            config, run, from_stage=from_stage, until_stage=until_stage, fresh=fresh, progress=terminal
        )
    if json:
        print_json(result.to_data())
    elif not quiet:
        print_summary(result, run if run is not None else Path("runs") / str(config.name))
