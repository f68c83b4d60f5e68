"""`edge-nas analyze`: the redundancy of a run, as a stage of it, or of any model on any images."""

from pathlib import Path
from typing import Annotated

import typer

from edge_nas.cli.model import Arguments, Data, Images, Run, Size, one_model, subject
from edge_nas.cli.options import CustomObjects, Json, Quiet, Trust
from edge_nas.cli.outcome import print_json
from edge_nas.cli.stage import run_one_stage
from edge_nas.errors import ConfigError

Out = Annotated[
    Path | None, typer.Option("--out", metavar="DIR", help="Folder for JSON, table and plots.", show_default=False)
]
Plots = Annotated[str, typer.Option("--plots", metavar="png|svg", help="Kind of the plots in --out.")]
WidthError = Annotated[
    float, typer.Option("--width-error", help="Share of a layer's variance that its suggested width may lose.")
]


def add_to(app: typer.Typer) -> None:
    """Registers the command."""
    app.command("analyze")(analyze)


def analyze(
    context: typer.Context,
    arguments: Arguments = None,
    run: Run = None,
    data: Data = None,
    out: Out = None,
    plots: Plots = "png",
    width_error: WidthError = 0.01,
    images: Images = None,
    size: Size = None,
    trust: Trust = False,
    custom_objects: CustomObjects = None,
    json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Measure the redundancy of every layer: of a run (--run DIR), or of MODEL on the images in --data DIR.

    With MODEL, the table gives per layer the effective rank of its channels and the width that would do, and per
    channel group the recommended width. A module:function is imported from the current folder and run.
    """
    if data is None:
        if run is None:
            raise ConfigError("name a MODEL and --data DIR, or a run folder with --run DIR")
        run_one_stage("analyze", context, run, arguments, json=json, quiet=quiet)
        return
    name = one_model(arguments, run)
    if plots not in ("png", "svg"):
        raise ConfigError(f"--plots is {plots!r}; allowed: png, svg")
    seen = subject(name, data, size, images, trust=trust, custom_objects=custom_objects)
    from edge_nas.analysis.files import analysis_text, write_analysis
    from edge_nas.analysis.model import analyze_model

    analysis = analyze_model(seen.model, seen.images, width_error, seen.shape)
    files = () if out is None else write_analysis(analysis, out, "svg" if plots == "svg" else "png")
    if json:
        print_json({"status": "ok", **analysis.to_data(), "files": [str(file) for file in files]})
    elif not quiet:
        typer.echo(analysis_text(analysis), nl=False)
        for file in files:
            typer.echo(str(file))
