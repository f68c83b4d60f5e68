"""One command per stage: the same function on the same run folder, without the rest of the line."""

from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import typer

from edge_nas.cli.options import Json, Quiet, Settings, configuration
from edge_nas.cli.outcome import print_json
from edge_nas.errors import ConfigError

# The stages are in edge_nas.pipeline; the table is repeated for --help, which may not import that. A test compares.
COMMANDS = {
    "train": "Train the network, and its teacher where one is named.",
    "analyze": "Measure the redundancy of every layer.",
    "prune": "Remove channels, repair what reads them, fine-tune.",
    "quantize": "Make the int8 network by quantization-aware training.",
    "export": "Write TFLite and ONNX files and compare them with what they are made from.",
    "compile": "Write the int8 file as C.",
    "verify": "Compare all that computes the int8 file with the reference kernels, on emulated cores as well.",
    "benchmark": "Measure latency on this machine.",
    "deploy": "Write the bundle for a board.",
    "report": "Write the HTML report.",
}

WITH_MODEL = ("analyze", "quantize", "compile", "verify", "deploy")
"""Commands that take a model without a run as well, in modules of their own."""

_EXPLANATION = (
    "The stage runs even where it is finished; stages before it run first where they are not. The settings are those "
    "stored in the run; KEY=VALUE changes them, CONFIG replaces them."
)


def add_to(app: typer.Typer) -> None:
    """Registers the commands."""
    for name, summary in COMMANDS.items():
        if name not in WITH_MODEL:
            app.command(name, help=f"{summary}\n\n{_EXPLANATION}")(_command(name))


def _command(name: str) -> Callable[..., None]:
    def run_stage(
        context: typer.Context,
        run: Annotated[Path, typer.Option("--run", metavar="DIR", help="The run's folder.", show_default=False)],
        settings: Settings = None,
        json: Json = False,
        quiet: Quiet = False,
    ) -> None:
        run_one_stage(name, context, run, settings, json=json, quiet=quiet)

    return run_stage


def run_one_stage(
    name: str, context: typer.Context, run: Path, settings: list[str] | None, *, json: bool, quiet: bool
) -> None:
    """Runs a stage of a run folder and prints what came of it."""
    from edge_nas import pipeline
    from edge_nas.cli.options import split_settings
    from edge_nas.cli.summary import print_summary
    from edge_nas.cli.terminal import Terminal

    if split_settings(settings or ())[0] is None and not (run / "config.yaml").is_file():
        raise ConfigError(f"{run} is not a run: it has no config.yaml; name a CONFIG, or use: edge-nas build")
    with Terminal(context.obj, quiet=quiet) as terminal:
        result = pipeline.run_stage(name, configuration(settings, run), run, progress=terminal)
    if json:
        print_json(result.to_data())
    elif not quiet:
        print_summary(result, run)
