"""`edge-nas search`: networks for a board, within limits."""

import re
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from edge_nas.cli.options import Json, Quiet, Settings, TrustConfig, split_settings
from edge_nas.cli.outcome import print_json
from edge_nas.errors import ConfigError, InputError

if TYPE_CHECKING:
    from edge_nas.core.config import BuildConfig
    from edge_nas.results.front import Front

_TIME = re.compile(r"(\d+(?:\.\d+)?)(s|m|h)")
_SECONDS = {"s": 1.0, "m": 60.0, "h": 3600.0}


def add_to(app: typer.Typer) -> None:
    """Registers the command."""
    app.command("search")(search)


def search(
    context: typer.Context,
    settings: Settings = None,
    board: Annotated[
        list[str] | None,
        typer.Option(
            "--board",
            metavar="NAME|all",
            help="A board (edge-nas boards), a .yaml file, or all; may be given several times.",
            show_default=False,
        ),
    ] = None,
    latency_ms: Annotated[
        float | None,
        typer.Option("--latency-ms", metavar="N", help="The most ms of one inference, by the board's cycle model."),
    ] = None,
    instructions: Annotated[
        int | None, typer.Option("--instructions", metavar="N", min=1, help="The most instructions of one inference.")
    ] = None,
    flash_bytes: Annotated[
        int | None, typer.Option("--flash-bytes", metavar="N", min=1, help="The most flash, code and constants.")
    ] = None,
    ram_bytes: Annotated[
        int | None, typer.Option("--ram-bytes", metavar="N", min=1, help="The most RAM of the network's arena.")
    ] = None,
    time: Annotated[
        str | None,
        typer.Option(
            "--time",
            metavar="20m",
            help="How long the search may take, in s, m or h: what it tries is planned for that. By default it trains "
            "search.beginners candidates.",
            show_default=False,
        ),
    ] = None,
    run: Annotated[
        Path | None,
        typer.Option("--run", metavar="DIR", help="The run's folder; runs/NAME of the configuration by default."),
    ] = None,
    executor: Annotated[
        str,
        typer.Option(
            "--executor",
            metavar="WHERE",
            help="Where trainings run: local, local?workers=N, dask://local?workers=N, dask://HOST:PORT, or "
            "dask://HOST:PORT?workers=N, which waits for so many.",
        ),
    ] = "local",
    trust_config: TrustConfig = False,
    json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Search for the best networks within the limits of a board, exact in what their C costs there.

    Thousands of candidates are costed, the promising trained, ever fewer for ever longer; the best become int8 and C,
    are counted on the board's emulated core and proven byte for byte. RUN/search/front.json lists those that no other
    one beats in score, instructions, flash and RAM; edge-nas build --from-search RUN/3 builds the one with id 3.

    The same command resumes. Without CONFIG a search that --run names keeps its settings.
    """
    if not board:
        raise ConfigError("name a board with --board NAME, or --board all; edge-nas boards lists them")
    if len(board) > 1 and "all" in board:
        raise ConfigError("--board all means every board; leave the others out")
    if latency_ms is not None and not latency_ms > 0:
        raise ConfigError(f"--latency-ms is {latency_ms:g}; allowed: numbers above 0")
    if run is not None and not settings and not run.exists():
        raise InputError(f"{run}: no such run, and no settings for a new one; name a configuration or settings")
    from edge_nas.cli.terminal import Terminal
    from edge_nas.search.command import run_search, workforce_of
    from edge_nas.search.limits import Limits
    from edge_nas.search.request import Request

    limits = Limits(latency_ms=latency_ms, instructions=instructions, flash_bytes=flash_bytes, ram_bytes=ram_bytes)
    request = Request(boards=tuple(board), limits=limits, time_s=None if time is None else seconds_of(time))
    config = _configuration(settings, run, trust=trust_config)
    place = run if run is not None else Path("runs") / str(config.name)
    with Terminal(context.obj, quiet=quiet) as terminal, workforce_of(executor, terminal) as workforce:
        front = run_search(config, request, place, workforce, terminal)
    if json:
        print_json({"status": "ok", **front.to_data()})
    elif not quiet:
        _print(front, place)


def seconds_of(text: str) -> float:
    """Returns what --time means: 90s, 20m, 1.5h.

    Raises:
        ConfigError: it is no time.
    """
    match = _TIME.fullmatch(text)
    if match is None or float(match[1]) == 0:
        raise ConfigError(f"--time is {text!r}; allowed: a number above 0 with s, m or h, such as 20m")
    return float(match[1]) * _SECONDS[match[2]]


def _configuration(settings: list[str] | None, run: Path | None, *, trust: bool) -> "BuildConfig":
    """Returns the configuration of the arguments; without a file or preset that of the search in the run, if any."""
    from edge_nas.core.configfile import load_config
    from edge_nas.runs.access import refuse_links
    from edge_nas.runs.names import SEARCH
    from edge_nas.search.whole import CONFIG

    source, overrides = split_settings(settings or ())
    if source is None and run is not None:
        refuse_links(run)
        stored = run / SEARCH / CONFIG
        source = str(stored) if stored.is_file() else None
    return load_config(source, overrides, trust=trust)


def _print(front: "Front", run: Path) -> None:
    from edge_nas.cli.summary import print_front

    print_front(front)
    if front.networks:
        typer.echo(f"the whole line of one of them: edge-nas build --from-search {run}/{front.networks[-1].id}")
    typer.echo(f"{run}: search/front.json, search/story.json, search/report.html, search/networks")
