"""What a command reads: a run, however it is named, an int8 file, or a model with images; none of them is changed.

edge-nas verify runs/mine  =  edge-nas verify --run runs/mine      edge-nas verify net.tflite
"""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NamedTuple

import typer

from edge_nas.errors import ArtifactError, ConfigError, InputError

if TYPE_CHECKING:
    from edge_nas.core.arrays import Samples

_DEFAULT_SHAPE = (48, 64, 3)

Model = Annotated[
    list[str] | None,
    typer.Argument(
        metavar="RUN|MODEL",
        help="A run, whose trained network is taken; a .npz, .keras or .h5 file; or module:function.",
        show_default=False,
    ),
]
Int8Model = Annotated[
    list[str] | None,
    typer.Argument(metavar="RUN|MODEL.tflite", help="A run, or an int8 .tflite file.", show_default=False),
]
Run = Annotated[
    Path | None,
    typer.Option("--run", metavar="RUN", help="The run; the same as RUN without --run.", show_default=False),
]
Data = Annotated[
    Path | None,
    typer.Option(
        "--data",
        metavar="DIR",
        help="A data set, a folder of images or a .npz file, an array for each of several inputs; no labels needed. "
        "Default: RUN's calibration samples.",
        show_default=False,
    ),
]
Images = Annotated[int | None, typer.Option("--images", min=1, help="The most samples to look at; all by default.")]
Size = Annotated[
    str | None,
    typer.Option("--size", metavar="HxW", help="Image size, or shape such as 128x3x1, of a model that does not say."),
]


class ModelWithImages(NamedTuple):
    """An opened model, samples (N, ...) for it, as `network_inputs` takes them, and their shape.

    Of a model of several inputs the samples of each by its name; the model then knows their shapes.
    """

    model: Any
    images: "Samples | dict[str, Samples]"
    shape: tuple[int, ...] | None


def one_target(command: str, arguments: list[str] | None, run: Path | None, kinds: str) -> str:
    """Returns the only target that a command is given, without or with --run.

    Args:
        command: its name, for messages.
        arguments: what stands on the command line without an option.
        run: the value of --run.
        kinds: what the target may be, as the help calls it.

    Raises:
        ConfigError: there is no target or more than one, or --run names something else than a run.
        InputError: --run names a folder that is not there.
    """
    targets = list(arguments or ())
    if run is not None:
        require_run(run)
        targets.append(str(run))
    if len(targets) == 1:
        return targets[0]
    seen = " ".join(targets) or "none"
    hint = ""
    if any("=" in target for target in targets):
        hint = f"; settings belong to a build: edge-nas build --run RUN --from {command} --until {command} KEY=VALUE"
    raise ConfigError(f"name one {kinds}, or a run with --run RUN; seen: {seen}{hint}")


def require_run(run: Path) -> None:
    """Raises InputError where there is no such folder, ConfigError where it is there and no run."""
    if not run.exists():
        raise InputError(f"{run}: no such run")
    from edge_nas.runs.names import CONFIG, MANIFEST

    if not is_run(run):
        raise ConfigError(f"{run} is not a run: it has neither {CONFIG} nor {MANIFEST}")


def is_run(path: Path) -> bool:
    """Returns whether a folder is a run: what a build has begun in, at least."""
    from edge_nas.runs.names import CONFIG, MANIFEST

    return (path / CONFIG).is_file() or (path / MANIFEST).is_file()


def open_with_images(
    target: str,
    data: Path | None,
    size: str | None,
    limit: int | None,
    *,
    trust: bool = False,
    custom_objects: list[str] | None = None,
    trust_config: bool = False,
) -> ModelWithImages:
    """Returns a model and samples for it; loads TensorFlow. A run is read under its lock.

    Args:
        target: a run, a model file or module:function.
        data: where the samples are; None: the calibration samples of the run.
        size: HxW of RGB images or a whole shape, of a model that does not say; None: as arrays say, 48x64 of images.
        limit: the most samples; None: all.
        trust: run code that came with a model file.
        custom_objects: `module:Class` each, which a model file may name.
        trust_config: run code that the run's config.yaml names, to read its images.

    Raises:
        ConfigError: `size` is no HxW, or a target that is no run comes without data.
        ArtifactError: no such run or file, or the run has no trained network yet.
        EdgeNasError: the model or the images cannot be read.
    """
    shape = None if size is None else _parsed(size)
    if data is None and not is_run(Path(target)):
        _require_there(target)
        raise ConfigError(f"{target} is no run, which would bring its own images: name some with --data DIR")
    if data is None and shape is not None:
        raise ConfigError("--size goes with --data DIR; the images of a run have the size of its network")
    from edge_nas.core.tensorflowlog import load_tensorflow
    from edge_nas.runs.folder import hold_run

    load_tensorflow()
    from edge_nas.data.unlabelled import read_joint_samples, read_samples
    from edge_nas.models import MODELS
    from edge_nas.models.outside import input_names_of, input_shape_of, open_model

    if target not in tuple(MODELS):  # which opening refuses with a better reason
        _require_there(target)
    with hold_run(Path(target)):
        _require_trained(Path(target))
        model = open_model(target, trust=trust, custom_objects=custom_objects or (), several=True)
        names = input_names_of(model)
        if len(names) > 1 and data is not None:
            _require_no_size(size, names)
            return ModelWithImages(model, read_joint_samples(data, names, limit), None)
        shape = shape or input_shape_of(model)
        if data is None:
            images = _calibration_inputs(Path(target), limit, trust_config)
        else:
            images = _samples_for(Path(target), read_samples(data, shape, limit, usual=_DEFAULT_SHAPE), data)
    return ModelWithImages(model, images, images.shape[1:])


def _require_no_size(size: str | None, names: tuple[str, ...]) -> None:
    """Raises ConfigError where --size is given for a model of several inputs, which all have shapes of their own."""
    if size is not None:
        raise ConfigError(f"--size is of one input; the model has {', '.join(names)}, whose arrays say their shapes")


def _require_there(target: str) -> None:
    """Raises ArtifactError where a target is neither module:function nor a file or folder."""
    from edge_nas.core.modelnames import is_function

    if not is_function(target) and not Path(target).exists():
        raise ArtifactError(f"{target}: no such run or model file")


def _require_trained(target: Path) -> None:
    """Raises ArtifactError where a run has no trained network yet."""
    from edge_nas.core.modelnames import TRAINED

    if is_run(target) and not target.joinpath(*TRAINED).is_file():
        raise ArtifactError(
            f"{target} has no trained network yet; make it with: edge-nas build --run {target} --until train"
        )


def _samples_for(target: Path, samples: "Samples", data: Path) -> "Samples":
    """Returns samples as inputs where the target's build says how they become those, else as they are."""
    from edge_nas.data.loader import preprocessing_for
    from edge_nas.tasks.card import CARD, sample_of_file

    file = target / "artifacts" / CARD if is_run(target) else target
    known = sample_of_file(file) if file.is_file() else None
    return samples if known is None else preprocessing_for(samples, known, str(data)).apply(samples)


def _calibration_inputs(run: Path, limit: int | None, trust: bool) -> "Samples":
    """Returns the training inputs that the run's own stages take statistics from, or `limit` of them."""
    from edge_nas.core.trust import require_trusted
    from edge_nas.data.loader import load_dataset
    from edge_nas.runs.folder import read_config

    config = read_config(run, trust=trust)
    require_trusted(config, ("task", "data"))  # the model is the run's own file, which names no code
    limits = [count for count in (config.data.calibration_images, limit) if count is not None]
    return load_dataset(config.data, config.task).calibration(min(limits, default=None), config.seed)


def _parsed(size: str) -> tuple[int, ...]:
    parts = size.lower().split("x")
    if len(parts) not in (2, 3) or not all(part.isdigit() and int(part) > 0 for part in parts):
        raise ConfigError(
            f"--size is {size!r}; allowed: HEIGHTxWIDTH of RGB images, such as 48x64, or a shape with its channels, "
            "such as 96x96x1"
        )
    shape = tuple(map(int, parts))
    return (*shape, 3) if len(shape) == 2 else shape
