"""`edge-nas check`: what would go wrong in a build, without training anything."""

import shlex
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from edge_nas.cli.build import STAGES
from edge_nas.cli.columns import show
from edge_nas.cli.options import Board, Json, Settings, TrustConfig, configuration, with_board
from edge_nas.cli.outcome import print_json
from edge_nas.core.installed import require_train
from edge_nas.errors import InputError

if TYPE_CHECKING:
    from edge_nas.data.dataset import Dataset
    from edge_nas.results.check import Check, PlannedFit

_LISTED = 12
"""Most classes whose shares are listed; a line of a terminal holds about so many."""


def add_to(app: typer.Typer) -> None:
    """Registers the command."""
    app.command("check")(check)


def check(
    context: typer.Context,
    settings: Settings = None,
    run: Annotated[
        Path | None, typer.Option("--run", metavar="RUN", help="The run that would be built; see build --run.")
    ] = None,
    board: Board = None,
    trust_config: TrustConfig = False,
    json: Json = False,
) -> None:
    """Look for what would go wrong in a build: names, tools, disk, memory, data, and the network itself.

    Nothing is trained or written. Names, tools and data are looked at first, without TensorFlow; then the network is
    built, converted untrained, held against what every stage would refuse, and planned on the board.
    """
    if run is not None and not settings and not run.exists():
        raise InputError(f"{run}: no such run, and no settings for a new one; name a configuration or settings")
    settings = with_board(settings, board)
    config = configuration(settings, run, trust=trust_config)
    require_train("edge-nas check")
    from edge_nas.checks.machine import check_machine
    from edge_nas.checks.names import check_names
    from edge_nas.core.trust import require_trusted

    require_trusted(config)
    check_names(config, STAGES)
    check_machine(config, run if run is not None else Path("runs") / str(config.name), STAGES)
    from edge_nas.data.loader import load_dataset
    from edge_nas.results.check import Check, CheckedNetwork

    dataset = load_dataset(config.data, config.task)
    data_text = f"{config.data.place}: {_data_text(dataset)}"
    if not json:
        show("data", data_text)
    from edge_nas.checks.network import check_network
    from edge_nas.data.cautions import cautions

    warnings = list(cautions(dataset))
    facts = check_network(config, dataset, warnings.append)
    network = CheckedNetwork(
        name=config.model.name,
        params=facts.cost.params,
        macs=facts.cost.macs,
        batch_normalizations=facts.batch_normalizations,
    )
    answer = Check(
        data=_data_facts(dataset),
        data_text=data_text,
        network=network,
        board=config.deploy.board,
        planned=facts.planned,
        planned_unknown=facts.planned_unknown,
        warnings=tuple(warnings),
        next_command=_build_command(settings, run, trust_config),
    )
    if not json:
        _print_network(answer)
    if facts.planned is not None:
        from edge_nas.pruning.planned import require_planned_fit

        context.obj.answer = answer
        require_planned_fit(facts.planned)
    if json:
        print_json(answer.to_data())
    else:
        show("ready", answer.next_command)


def _print_network(answer: "Check") -> None:
    network = answer.network
    norms = network.batch_normalizations
    show(
        "network",
        f"{network.name}: {network.params:,} params, {network.macs / 1e6:.2f} M MACs"
        + (f", {norms} BatchNormalization" if norms else ""),
    )
    show("board", board_text(answer.planned, answer.board, answer.planned_unknown))
    for warning in answer.warnings:
        show("warning", warning, err=True)


def board_text(planned: "PlannedFit | None", board: str, unknown: str | None) -> str:
    """Returns what the network will take on the board, in words."""
    if planned is None:
        return f"{board}: not known before the build: {unknown}"
    from edge_nas.core.formats import estimate_error

    least = "at least " if planned.is_lower_bound else ""
    figures = [
        f"SRAM {_of(planned.sram_bytes, planned.sram_available_bytes)}",
        f"flash {least}{_of(planned.flash_bytes, planned.flash_available_bytes)}",
    ]
    if planned.instructions is not None:
        figures.append(f"{planned.instructions / 1e6:.3g} M instructions")
    if planned.milliseconds is not None:
        figures.append(f"~{planned.milliseconds:.3g} ms (estimate, {estimate_error(planned.error_percent)})")
    return f"{planned.board}, planned at {planned.basis}: {', '.join(figures)}"


def _of(needed: int, available: int | None) -> str:
    return f"{needed / 1024:,.0f} KiB" if available is None else f"{needed / 1024:,.0f} of {available / 1024:,.0f} KiB"


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
    """Returns how many images there are of which size, what the training labels hold, and whether groups are known."""
    counts = ", ".join(f"{facts['images']} {name}" for name, facts in _data_facts(dataset).items())
    parts = [counts, dataset.format.described, _labels_text(dataset)]
    groups = dataset.train.groups
    parts.append("groups are not known" if groups is None else f"{len(set(groups))} groups")
    return "; ".join(filter(None, parts))


def _labels_text(dataset: "Dataset") -> str:
    """Returns the share of each class among the training labels, or what the task says of them."""
    import numpy as np

    task, labels = dataset.task, dataset.train.labels
    names: tuple[str, ...] = getattr(task, "classes", ("background", "foreground") if task.has_masks else ())
    if not names:
        return ", ".join(f"{key} {_shown(value)}" for key, value in task.facts(labels).items())
    counts = np.bincount(labels.reshape(-1), minlength=len(names))
    shares = [f"{name} {100 * count / max(1, labels.size):.0f} %" for name, count in zip(names, counts, strict=True)]
    more = f" and {len(shares) - _LISTED} more" if len(shares) > _LISTED else ""
    return f"train: {', '.join(shares[:_LISTED])}{more}"


def _shown(fact: float | str) -> str:
    return f"{fact:.3g}" if isinstance(fact, float) else str(fact)
