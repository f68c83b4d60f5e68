"""`edge-nas config show`: the settings a build would have."""

from pathlib import Path
from typing import Annotated, Any

import typer

from edge_nas.cli.options import Json, Settings, TrustConfig, configuration
from edge_nas.cli.outcome import print_json
from edge_nas.cli.target import require_run


def add_to(app: typer.Typer) -> None:
    """Registers the command group."""
    group = typer.Typer(help="Look at configurations.", no_args_is_help=True)
    group.command("show")(show)
    app.add_typer(group, name="config")


def show(
    settings: Settings = None,
    run: Annotated[
        Path | None, typer.Option("--run", metavar="RUN", help="Show the settings stored in this run.")
    ] = None,
    resolved: Annotated[bool, typer.Option("--resolved", help="Every setting, defaults written out.")] = False,
    trust_config: TrustConfig = False,
    json: Json = False,
) -> None:
    """Print a configuration as YAML: what differs from the defaults or, with --resolved, all of it.

    No code that it names is run; only a task or data source of an installed package, whose settings nobody else knows,
    is imported with --trust-config.
    """
    if run is not None:
        require_run(run)
    from edge_nas.core.config.data import DEFAULT_SOURCE
    from edge_nas.core.configfile import default_settings
    from edge_nas.core.strictyaml import dump

    config = configuration(settings, run, trust=trust_config)
    chosen = config.to_data()
    defaults = default_settings(config.data.source)
    defaults["data"]["source"] = DEFAULT_SOURCE
    shown = chosen if resolved else _differing(chosen, defaults)
    if json:
        print_json(shown)
    else:
        typer.echo(dump(shown), nl=False)


def _differing(settings: dict[str, Any], defaults: dict[str, Any]) -> dict[str, Any]:
    differing: dict[str, Any] = {}
    for key, value in settings.items():
        default = defaults.get(key)
        if isinstance(value, dict) and isinstance(default, dict):
            inner = _differing(value, default)
            if inner:
                differing[key] = inner
        elif value != default:
            differing[key] = value
    return differing
