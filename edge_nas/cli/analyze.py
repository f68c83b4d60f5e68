"""`edge-nas analyze`: the redundancy of a run's network, or of any model on any images."""

from pathlib import Path
from typing import Annotated

import typer

from edge_nas.cli.options import CustomObjects, Json, Quiet, Trust, TrustConfig
from edge_nas.cli.outcome import print_json
from edge_nas.cli.target import Data, Images, Model, Run, Size, one_target, open_with_images
from edge_nas.errors import ConfigError

Out = Annotated[
    Path | None,
    typer.Option(
        "--out",
        metavar="DIR",
        help="Folder for JSON, table and plots; without it the table is printed and nothing written.",
        show_default=False,
    ),
]
Plots = Annotated[str, typer.Option("--plots", metavar="png|svg", help="Kind of the plots in --out.")]
WidthError = Annotated[
    float, typer.Option("--width-error", help="Share of a layer's variance that its suggested width may lose.")
]


def add_to(app: typer.Typer) -> None:
    """Registers the command."""
    app.command("analyze")(analyze)


def analyze(
    arguments: Model = None,
    run: Run = None,
    data: Data = None,
    out: Out = None,
    plots: Plots = "png",
    width_error: WidthError = 0.01,
    images: Images = None,
    size: Size = None,
    trust: Trust = False,
    custom_objects: CustomObjects = None,
    trust_config: TrustConfig = False,
    json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Measure the redundancy of every layer: of a run's trained network, or of MODEL on the images in --data DIR.

    The table gives per layer the effective rank of its channels and the width that would do, and per channel group the
    recommended width. A module:function is imported from the current folder and run. A run stays as it is.
    """
    target = one_target("analyze", arguments, run, "RUN or MODEL")
    if plots not in ("png", "svg"):
        raise ConfigError(f"--plots is {plots!r}; allowed: png, svg")
    if out is not None:
        from edge_nas.core.atomic import require_writable

        require_writable(out)
    opened = open_with_images(
        target, data, size, images, trust=trust, custom_objects=custom_objects, trust_config=trust_config
    )
    from edge_nas.analysis.files import analysis_text, write_analysis
    from edge_nas.analysis.model import analyze_model

    analysis = analyze_model(opened.model, opened.images, width_error, opened.shape)
    files = () if out is None else write_analysis(analysis, out, "svg" if plots == "svg" else "png")
    if json:
        print_json({"status": "ok", **analysis.to_data(), "files": [str(file) for file in files]})
    elif not quiet:
        typer.echo(analysis_text(analysis), nl=False)
        for file in files:
            typer.echo(str(file))
