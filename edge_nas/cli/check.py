"""`edge-nas check`: what would go wrong in a build, without training anything."""

import shlex
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from edge_nas.cli.build import STAGES
from edge_nas.cli.options import Json, Settings, TrustConfig, configuration
from edge_nas.cli.outcome import print_json
from edge_nas.errors import InputError

if TYPE_CHECKING:
    from edge_nas.core.config import BuildConfig
    from edge_nas.data.dataset import Dataset
    from edge_nas.results.artifacts import Cost


def add_to(app: typer.Typer) -> None:
    """Registers the command."""
    app.command("check")(check)


def check(
    settings: Settings = None,
    run: Annotated[
        Path | None, typer.Option("--run", metavar="RUN", help="The run that would be built; see build --run.")
    ] = None,
    trust_config: TrustConfig = False,
    json: Json = False,
) -> None:
    """Look for what would go wrong in a build: names, tools, disk, memory, data, and the network itself.

    Nothing is trained or written. Names, tools and data are looked at first, without TensorFlow; then the network is
    built, converted untrained, and held against what every stage would refuse.
    """
    if run is not None and not settings and not run.exists():
        raise InputError(f"{run}: no such run, and no settings for a new one; name a configuration or settings")
    config = configuration(settings, run, trust=trust_config)
    from edge_nas.checks.machine import check_machine
    from edge_nas.checks.names import check_names
    from edge_nas.core.trust import require_trusted

    require_trusted(config)
    check_names(config, STAGES)
    check_machine(config, run if run is not None else Path("runs") / str(config.name), STAGES)
    from edge_nas.data.loader import load_dataset

    dataset = load_dataset(config.data, config.task)
    facts: dict[str, Any] = {"data": _data_facts(dataset)}
    if not json:
        typer.echo(f"data     {config.data.place}: {_data_text(dataset)}")
    from edge_nas.checks.network import check_network
    from edge_nas.data.cautions import cautions

    warnings = list(cautions(dataset))
    cost = check_network(config, dataset, warnings.append)
    if json:
        network = {"name": config.model.name, "params": cost.params, "macs": cost.macs}
        print_json({"status": "ok", **facts, "network": network, "board": config.deploy.board, "warnings": warnings})
        return
    _print_rest(config, cost, warnings, _build_command(settings, run, trust_config))


def _print_rest(config: "BuildConfig", cost: "Cost", warnings: list[str], command: str) -> None:
    from edge_nas.boards import load_board

    typer.echo(f"network  {config.model.name}: {cost.params:,} params, {cost.macs / 1e6:.2f} M MACs")
    board = load_board(config.deploy.board)
    sizes = {"flash": board.flash_bytes, "SRAM": board.sram_bytes}
    known = [f"{fact.value / 1024:,.0f} KiB of {name}" for name, fact in sizes.items() if fact is not None]
    typer.echo(f"board    {board.name}: {', '.join(known) or 'sizes are not known'}")
    for warning in warnings:
        typer.echo(f"warning  {warning}", err=True)
    typer.echo(f"ready    {command}")


def _build_command(settings: list[str] | None, run: Path | None, trust_config: bool) -> str:
    options = [*(("--run", str(run)) if run is not None else ()), *(("--trust-config",) if trust_config else ())]
    return shlex.join(["edge-nas", "build", *(settings or ()), *options])


def _data_facts(dataset: "Dataset") -> dict[str, Any]:
    splits = {"train": dataset.train, "val": dataset.val, "test": dataset.test}
    return {
        name: {"images": len(split), **split.task.facts(split.labels)}
        for name, split in splits.items()
        if split is not None
    }


def _data_text(dataset: "Dataset") -> str:
    """Returns how many images there are of which size, and what the task says of the training labels."""
    counts = ", ".join(f"{facts['images']} {name}" for name, facts in _data_facts(dataset).items())
    facts = ", ".join(f"{key} {_shown(value)}" for key, value in dataset.task.facts(dataset.train.labels).items())
    return f"{counts}; {dataset.format.described}" + (f"; train: {facts}" if facts else "")


def _shown(fact: float | str) -> str:
    return f"{fact:.3g}" if isinstance(fact, float) else str(fact)
