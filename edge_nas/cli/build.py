"""`edge-nas build`: the whole line, or a part of it; the only command that runs stages."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from edge_nas.cli.options import Board, Json, Quiet, Settings, TrustConfig, configuration, split_settings, with_board
from edge_nas.cli.outcome import print_json
from edge_nas.errors import ConfigError, InputError

if TYPE_CHECKING:
    from edge_nas.core.config import BuildConfig
    from edge_nas.results.result import Result

# The stages are in edge_nas.pipeline; their names are repeated for --help, which may not import that. A test compares.
STAGES = ("train", "analyze", "prune", "quantize", "export", "compile", "verify", "benchmark", "deploy", "report")

ALSO_COMMANDS = ("analyze", "quantize", "compile", "verify", "deploy")
"""Stages whose work on a run or a file, written elsewhere, is a command as well."""


def add_to(app: typer.Typer) -> None:
    """Registers the command, and hidden ones that tell how a stage is run again."""
    app.command("build")(build)
    for stage in STAGES:
        if stage not in ALSO_COMMANDS:
            anything = {"ignore_unknown_options": True, "allow_extra_args": True}
            app.command(stage, hidden=True, context_settings=anything)(_refuse_stage)


def _refuse_stage(context: typer.Context) -> None:
    """Is a stage, not a command: edge-nas build --run RUN --from STAGE --until STAGE runs it again."""
    stage = context.info_name
    raise ConfigError(
        f"{stage} is a stage, not a command; it runs again by: edge-nas build --run RUN --from {stage} --until {stage}"
    )


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
            show_default=False,
        ),
    ] = None,
    until_stage: Annotated[
        str | None, typer.Option("--until", metavar="STAGE", help="The last stage to run.", show_default=False)
    ] = None,
    board: Board = None,
    from_search: Annotated[
        str | None,
        typer.Option(
            "--from-search",
            metavar="RUN/ID",
            help="Build the network with this id of the search in RUN; only KEY=VALUE beside it.",
            show_default=False,
        ),
    ] = None,
    fresh: Annotated[bool, typer.Option("--fresh", help="Start over: remove what earlier builds wrote.")] = False,
    trust_config: TrustConfig = False,
    json: Json = False,
    quiet: Quiet = False,
    verbose: Annotated[
        bool, typer.Option("--verbose", help="All tables at the end, and what finished stages came to.")
    ] = False,
) -> None:
    """Run the stages: train, analyze, prune, quantize, export, compile, verify, benchmark, deploy, report.

    The same command resumes: stages that are finished with these settings, data and versions are skipped. One stage
    runs again by --run RUN --from STAGE --until STAGE.

    Without CONFIG a run that --run names keeps its settings; a new one gets the preset terrain_48x64.
    """
    if from_stage is not None and run is not None and not run.exists():
        raise InputError(f"{run}: no such run, and --from {from_stage} begins in the middle of one; run without --from")
    from edge_nas.cli.lastscreen import print_last_screen
    from edge_nas.cli.summary import print_summary
    from edge_nas.cli.terminal import Terminal

    config, run_stages = _what_to_build(with_board(settings, board), run, from_search, trust=trust_config)
    with Terminal(context.obj, quiet=quiet, verbose=verbose) as terminal:
        result = run_stages(config, run, from_stage=from_stage, until_stage=until_stage, fresh=fresh, progress=terminal)
    if json:
        print_json(result.to_data())
    elif not quiet:
        folder = run if run is not None else Path("runs") / str(config.name)
        if verbose:
            print_summary(result)
        print_last_screen(result, folder)


def _what_to_build(
    settings: list[str] | None, run: Path | None, from_search: str | None, *, trust: bool
) -> "tuple[BuildConfig, Callable[..., Result]]":
    """Returns the configuration of the arguments, or of a network of a search, and what builds it.

    Raises:
        ConfigError: a configuration is named beside the search, which has its own.
    """
    from edge_nas import pipeline

    if from_search is None:
        return configuration(settings, run, trust=trust), pipeline.build
    from edge_nas.search.rebuild import found_network

    source, overrides = split_settings(settings or ())
    if source is not None:
        raise ConfigError(f"--from-search {from_search} brings its own configuration; leave {source} out")
    network = found_network(from_search, overrides, trust=trust)
    return network.config, pipeline.Pipeline(load=network.load).build
