"""`edge-nas analyze`: the redundancy of a run, as a stage of it, or of any model on any images."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from edge_nas.cli.options import Json, Quiet
from edge_nas.cli.outcome import print_json
from edge_nas.cli.stage import run_one_stage
from edge_nas.errors import ConfigError

if TYPE_CHECKING:
    from edge_nas.analysis.model import Analysis

DEFAULT_SHAPE = (48, 64, 3)

Arguments = Annotated[
    list[str] | None,
    typer.Argument(
        metavar="MODEL | [CONFIG|PRESET KEY=VALUE]",
        help="With --data: a .npz file, a run folder, or module:function. With --run: settings of that stage.",
        show_default=False,
    ),
]
Run = Annotated[
    Path | None, typer.Option("--run", metavar="DIR", help="Run the stage in this run folder.", show_default=False)
]
Data = Annotated[
    Path | None,
    typer.Option(
        "--data", metavar="DIR", help="A data set, or a folder of images; no masks needed.", show_default=False
    ),
]
Out = Annotated[
    Path | None, typer.Option("--out", metavar="DIR", help="Folder for JSON, table and plots.", show_default=False)
]
Plots = Annotated[str, typer.Option("--plots", metavar="png|svg", help="Kind of the plots in --out.")]
WidthError = Annotated[
    float, typer.Option("--width-error", help="Share of a layer's variance that its suggested width may lose.")
]
Images = Annotated[int | None, typer.Option("--images", min=1, help="The most images to look at; all by default.")]
Size = Annotated[
    str | None, typer.Option("--size", metavar="HxW", help="Image size of a model that does not say; 48x64 by default.")
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
    if run is not None:
        raise ConfigError("--run and --data exclude each other; to analyze a run on other images, name it as MODEL")
    if len(arguments or ()) != 1:
        raise ConfigError(f"--data goes with one MODEL; seen {' '.join(arguments or ()) or 'none'}")
    if plots not in ("png", "svg"):
        raise ConfigError(f"--plots is {plots!r}; allowed: png, svg")
    analysis = _analysis((arguments or [""])[0], data, size, width_error, images)
    from edge_nas.analysis.files import analysis_text, write_analysis

    files = () if out is None else write_analysis(analysis, out, "svg" if plots == "svg" else "png")
    if json:
        print_json({"status": "ok", **analysis.to_data(), "files": [str(file) for file in files]})
    elif not quiet:
        typer.echo(analysis_text(analysis), nl=False)
        for file in files:
            typer.echo(str(file))


def _analysis(name: str, data: Path, size: str | None, width_error: float, images: int | None) -> "Analysis":
    from edge_nas.core.tensorflowlog import load_tensorflow

    load_tensorflow()
    from edge_nas.analysis.model import analyze_model
    from edge_nas.data.unlabelled import read_images
    from edge_nas.models.opening import input_shape_of, open_model

    model = open_model(name)
    shape = _parsed(size) if size is not None else input_shape_of(model) or DEFAULT_SHAPE
    return analyze_model(model, read_images(data, shape, images), width_error)


def _parsed(size: str) -> tuple[int, int, int]:
    parts = size.lower().split("x")
    if len(parts) != 2 or not all(part.isdigit() and int(part) > 0 for part in parts):
        raise ConfigError(f"--size is {size!r}; allowed: HEIGHTxWIDTH, such as 48x64")
    return (int(parts[0]), int(parts[1]), 3)
