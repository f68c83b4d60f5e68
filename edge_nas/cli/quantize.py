"""`edge-nas quantize`: the int8 file of a run, as a stage of it, or of any model and images."""

from pathlib import Path
from typing import Annotated

import typer

from edge_nas.cli.model import Arguments, Data, Images, Run, Size, one_model, subject
from edge_nas.cli.options import CustomObjects, Json, Quiet, Trust
from edge_nas.cli.outcome import print_json
from edge_nas.cli.stage import run_one_stage
from edge_nas.core.config import Rounding
from edge_nas.errors import ConfigError

Out = Annotated[
    Path | None, typer.Option("--out", metavar="FILE.tflite", help="Where the int8 file goes.", show_default=False)
]
Rounds = Annotated[
    Rounding,
    typer.Option(help="How the weights of a MODEL become int8; covariance lets them make up for each other's errors."),
]
Corrects = Annotated[
    bool, typer.Option("--bias-correction", help="Let the biases of a MODEL take up the mean error of its weights.")
]


def add_to(app: typer.Typer) -> None:
    """Registers the command."""
    app.command("quantize")(quantize)


def quantize(
    context: typer.Context,
    arguments: Arguments = None,
    run: Run = None,
    data: Data = None,
    out: Out = None,
    images: Images = None,
    size: Size = None,
    rounding: Rounds = "nearest",
    bias_correction: Corrects = False,
    trust: Trust = False,
    custom_objects: CustomObjects = None,
    json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Make the int8 network: of a run (--run DIR), or of MODEL with the images in --data DIR for its ranges.

    A run is quantized as its settings say, by quantization-aware training as a rule; a MODEL without training. A
    module:function is imported from the current folder and run.
    """
    if data is None:
        if run is None:
            raise ConfigError("name a MODEL, --data DIR and --out FILE.tflite, or a run folder with --run DIR")
        if rounding != "nearest" or bias_correction:
            raise ConfigError(
                "--rounding and --bias-correction are of a MODEL; a run has settings: quantize.scheme=ptq "
                "quantize.rounding=covariance quantize.bias_correction=true"
            )
        run_one_stage("quantize", context, run, arguments, json=json, quiet=quiet)
        return
    name = one_model(arguments, run)
    if out is None or out.suffix != ".tflite":
        raise ConfigError(f"--out is {out}; name the file to write, with the ending .tflite")
    if out.exists():
        raise ConfigError(f"--out {out} exists and is not overwritten; name another file or move it away")
    seen = subject(name, data, size, images, trust=trust, custom_objects=custom_objects)
    from edge_nas.core.atomic import make_folder, write_bytes
    from edge_nas.quantization import quantize_model

    written = quantize_model(
        seen.model, seen.images, rounding=rounding, bias_correction=bias_correction, input_shape=seen.shape
    )
    make_folder(out.parent)
    write_bytes(out, written)
    if json:
        print_json({"status": "ok", "file": str(out), "bytes": len(written)})
    elif not quiet:
        typer.echo(f"{out}: {len(written):,} bytes")
