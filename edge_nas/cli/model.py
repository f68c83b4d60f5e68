"""Options of the commands that take a model and images in place of a run."""

from pathlib import Path
from typing import Annotated, Any, NamedTuple

import typer

from edge_nas.errors import ConfigError

_DEFAULT_SHAPE = (48, 64, 3)

Arguments = Annotated[
    list[str] | None,
    typer.Argument(
        metavar="MODEL | [CONFIG|PRESET KEY=VALUE]",
        help="With --data: a .npz, .keras or .h5 file, a run or module:function. With --run: settings of a stage.",
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
Images = Annotated[int | None, typer.Option("--images", min=1, help="The most images to look at; all by default.")]
Size = Annotated[
    str | None, typer.Option("--size", metavar="HxW", help="Image size of a model that does not say; 48x64 by default.")
]


Target = Annotated[
    list[str] | None,
    typer.Argument(
        metavar="RUN|MODEL.tflite | [CONFIG|PRESET KEY=VALUE]",
        help="A run folder, or an int8 .tflite file. With --run: settings of that stage.",
        show_default=False,
    ),
]


class Subject(NamedTuple):
    """A model and the images it is looked at with, (N, H, W, 3) uint8."""

    model: Any
    images: Any
    shape: tuple[int, ...]


def one_target(arguments: list[str] | None, what: str) -> Path:
    """Returns the path that is the only argument.

    Raises:
        ConfigError: there is not one; `what` says what it is.
    """
    if len(arguments or ()) != 1:
        raise ConfigError(
            f"name one {what}, or a run folder with --run DIR; seen {' '.join(arguments or ()) or 'none'}"
        )
    return Path((arguments or [""])[0])


def one_model(arguments: list[str] | None, run: Path | None) -> str:
    """Returns the only argument.

    Raises:
        ConfigError: there is a run as well, or not one argument.
    """
    if run is not None:
        raise ConfigError("--run and --data exclude each other; to look at a run with other images, name it as MODEL")
    if len(arguments or ()) != 1:
        raise ConfigError(f"--data goes with one MODEL; seen {' '.join(arguments or ()) or 'none'}")
    return (arguments or [""])[0]


def subject(
    name: str,
    data: Path,
    size: str | None,
    images: int | None,
    *,
    trust: bool = False,
    custom_objects: list[str] | None = None,
) -> Subject:
    """Returns the opened model and the images at its size; loads TensorFlow.

    Raises:
        ConfigError: `size` is no HEIGHTxWIDTH.
        EdgeNasError: the model or the images cannot be read.
    """
    asked = None if size is None else _parsed(size)
    from edge_nas.core.tensorflowlog import load_tensorflow

    load_tensorflow()
    from edge_nas.data.unlabelled import read_images
    from edge_nas.models.outside import input_shape_of, open_model

    model = open_model(name, trust=trust, custom_objects=custom_objects or ())
    shape = asked or input_shape_of(model) or _DEFAULT_SHAPE
    return Subject(model, read_images(data, shape, images), shape)


def _parsed(size: str) -> tuple[int, int, int]:
    parts = size.lower().split("x")
    if len(parts) != 2 or not all(part.isdigit() and int(part) > 0 for part in parts):
        raise ConfigError(f"--size is {size!r}; allowed: HEIGHTxWIDTH, such as 48x64")
    return (int(parts[0]), int(parts[1]), 3)
