"""`edge-nas quantize`: an int8 file without training, of a run's trained network or of any model and images."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from edge_nas.cli.options import CustomObjects, Json, Quiet, Trust, TrustConfig
from edge_nas.cli.outcome import print_json
from edge_nas.cli.target import Data, Images, Model, Run, Size, one_target, open_with_images
from edge_nas.core.choices import Activations, Rounding
from edge_nas.errors import ConfigError

if TYPE_CHECKING:
    from edge_nas.results.fidelity import Int8Fidelity

Out = Annotated[
    Path | None, typer.Option("--out", metavar="FILE.tflite", help="Where the int8 file goes.", show_default=False)
]
Rounds = Annotated[
    Rounding,
    typer.Option(help="How weights become int8; covariance lets them make up for each other's errors."),
]
Corrects = Annotated[
    bool, typer.Option("--bias-correction", help="Let biases take up the mean error of rounded weights.")
]


def add_to(app: typer.Typer) -> None:
    """Registers the command."""
    app.command("quantize")(quantize)


def quantize(
    arguments: Model = None,
    run: Run = None,
    data: Data = None,
    out: Out = None,
    images: Images = None,
    size: Size = None,
    rounding: Rounds = "nearest",
    bias_correction: Corrects = False,
    activations: Annotated[
        Activations,
        typer.Option(help="int16: activations of 16 bits, where 8 lose too much; weights stay int8."),
    ] = "int8",
    trust: Trust = False,
    custom_objects: CustomObjects = None,
    trust_config: TrustConfig = False,
    json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Make an int8 file without training: of a run's trained network, or of MODEL with the images in --data DIR.

    The images give the ranges. A module:function is imported from the current folder and run. A run stays as it is: it
    is quantized as its settings say, with training as a rule, by build --run RUN --from quantize.
    """
    target = one_target("quantize", arguments, run, "RUN or MODEL")
    if out is None or out.suffix != ".tflite":
        raise ConfigError(f"--out is {out}; name the file to write, with the ending .tflite")
    if out.exists():
        raise ConfigError(f"--out {out} exists and is not overwritten; name another file or move it away")
    from edge_nas.core.atomic import make_folder, require_writable, write_bytes

    require_writable(out.parent)
    opened = open_with_images(
        target, data, size, images, trust=trust, custom_objects=custom_objects, trust_config=trust_config
    )
    from edge_nas.quantization import quantize_model

    compared: list[Int8Fidelity] = []
    tflite = quantize_model(
        opened.model,
        opened.images,
        rounding=rounding,
        bias_correction=bias_correction,
        activations=activations,
        input_shape=opened.shape,
        tell=compared.append,
    )
    make_folder(out.parent)
    write_bytes(out, tflite)
    if json:
        facts = compared[0].model_dump(mode="json", exclude={"tensors"}) if compared else None
        print_json({"status": "ok", "file": str(out), "bytes": len(tflite), "fidelity": facts})
    elif not quiet:
        typer.echo(f"{out}: {len(tflite):,} bytes")
        for fidelity in compared:
            for output in fidelity.outputs:
                typer.echo(
                    f"output {output.name}: off by {output.error:.3f} of what varies between {fidelity.inputs} inputs"
                )
