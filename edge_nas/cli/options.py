"""Arguments and options that several commands share, and what they mean."""

import re
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, cast, get_args

import typer

if TYPE_CHECKING:
    from edge_nas.core.config import BuildConfig, Optimize

_OVERRIDE = re.compile(r"^[A-Za-z_][\w.]*=")

Settings = Annotated[
    list[str] | None,
    typer.Argument(
        metavar="CONFIG|PRESET KEY=VALUE",
        help="A .yaml file or the name of a preset, then settings that replace its own, such as train.epochs=30.",
        show_default=False,
    ),
]
Json = Annotated[bool, typer.Option("--json", help="Print the result as JSON on standard output, nothing else there.")]
Trust = Annotated[
    bool, typer.Option("--trust-model", help="Run code that came with a .keras or .h5 file, such as Lambda layers.")
]
TrustConfig = Annotated[
    bool,
    typer.Option(
        "--trust-config",
        help="Run code that a configuration file or a run's config.yaml names: module:function, Lambda layers, "
        "plug-ins. Code that the command line names needs no flag.",
    ),
]
CustomObjects = Annotated[
    list[str] | None,
    typer.Option(
        "--custom-object",
        metavar="MODULE:CLASS",
        help="A layer or function of yours that a .keras or .h5 file names; may be given several times.",
        show_default=False,
    ),
]
Signature = Annotated[
    str | None,
    typer.Option(
        "--signature",
        metavar="NAME",
        help="Which network of a .tflite file that has several, one for each signature.",
        show_default=False,
    ),
]
Asked = Annotated[
    str | None,
    typer.Option(
        "--task",
        metavar="TASK",
        help="binary_segmentation, segmentation, classification or regression; by default as task.json beside the file "
        "says, else binary_segmentation.",
        show_default=False,
    ),
]
Classes = Annotated[
    str | None,
    typer.Option(
        "--classes", metavar="A,B,...", help="Names of the classes in the order of their numbers.", show_default=False
    ),
]
Optimized = Annotated[
    str | None,
    typer.Option(
        "--optimize",
        metavar="speed|size",
        help="What the C is made for: speed, or size (bytes of flash). Default: speed.",
        show_default=False,
    ),
]
Board = Annotated[
    str | None,
    typer.Option(
        "--board",
        metavar="NAME",
        help="The board that the build is for: short for deploy.board=NAME.",
        show_default=False,
    ),
]
Quiet = Annotated[bool, typer.Option("--quiet", help="No progress and no summary, only warnings and errors.")]


def optimize_of(text: str | None) -> "Optimize":
    """Returns what --optimize asks for.

    Raises:
        ConfigError: something else than speed or size.
    """
    from edge_nas.core.config import Optimize
    from edge_nas.errors import ConfigError

    if text is None:
        return "speed"
    for known in get_args(Optimize):
        if text == known:
            return cast("Optimize", known)
    raise ConfigError(f"--optimize is {text!r}; it is one of: {', '.join(get_args(Optimize))}")


def require_no_optimize(text: str | None, run: Path) -> None:
    """Raises ConfigError where --optimize is given with a run, whose C is that of its configuration."""
    from edge_nas.errors import ConfigError

    if text is not None:
        raise ConfigError(
            f"--optimize goes with MODEL.tflite; the C of a run follows its configuration: "
            f"edge-nas build --run {run} --from compile compile.optimize={text} makes it anew"
        )


def with_board(settings: Iterable[str] | None, board: str | None) -> list[str] | None:
    """Returns settings with the board that --board names behind them, where the last one counts."""
    given = None if settings is None else list(settings)
    return given if board is None else [*(given or ()), f"deploy.board={board}"]


def configuration(settings: Iterable[str] | None, run: Path | None, *, trust: bool = False) -> "BuildConfig":
    """Returns the configuration that the arguments name.

    Without a file or preset it is the one stored in the run, where there is one, else the default preset.

    Args:
        settings: a file or preset, and overrides.
        run: a run's folder, of which only config.yaml is looked at.
        trust: code that the file names may run.

    Raises:
        ConfigError, UnsafeError: two files, or what `load_config` refuses.
    """
    from edge_nas.core.configfile import load_config

    source, overrides = split_settings(settings or ())
    if source is None and run is not None:
        source = _stored_configuration(run)
    return load_config(source, overrides, trust=trust)


def _stored_configuration(run: Path) -> str | None:
    """Returns the path of the configuration that a run keeps, None where there is no run yet.

    Raises:
        ConfigError: stages are there and their configuration is not: the preset's settings would make them stale.
        UnsafeError: a file of the run is a link.
    """
    from edge_nas.errors import ConfigError
    from edge_nas.runs.access import refuse_links
    from edge_nas.runs.folder import stage_folders
    from edge_nas.runs.names import CONFIG

    refuse_links(run)
    if (run / CONFIG).is_file():
        return str(run / CONFIG)
    if stage_folders(run):
        raise ConfigError(
            f"{run} holds finished stages, but no {CONFIG} that says with which settings; name the configuration that "
            f"it was built with (edge-nas build CONFIG --run {run}), or start over with --fresh and a configuration"
        )
    return None


def split_settings(settings: Iterable[str]) -> tuple[str | None, list[str]]:
    """Returns the configuration named (None: none) and the `key=value` overrides among the arguments.

    Raises:
        ConfigError: more than one configuration.
    """
    from edge_nas.errors import ConfigError

    given = list(settings)
    overrides = [setting for setting in given if _OVERRIDE.match(setting)]
    sources = [setting for setting in given if not _OVERRIDE.match(setting)]
    if len(sources) > 1:
        raise ConfigError(
            f"one configuration at most, but {', '.join(map(repr, sources))} are given; settings are key=value"
        )
    return (sources[0] if sources else None), overrides
