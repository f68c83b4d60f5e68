"""`edge-nas predict`: what a network gives for one image, a folder of images or the samples of a .npz file.

Masks and overlays in the images' own sizes; for tasks without masks, a table.
"""

import csv
import io
from collections.abc import Callable, Iterable, Iterator
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from edge_nas.cli.options import Asked, Classes, CustomObjects, Json, Quiet, Trust
from edge_nas.cli.outcome import print_json
from edge_nas.core.atomic import resource_errors
from edge_nas.errors import ConfigError

if TYPE_CHECKING:
    from PIL import Image

    from edge_nas.cli.artifact import OpenArtifact
    from edge_nas.core.arrays import Outputs

LISTED = 5  # of the files that are there; a person needs an example, not a folder's content
TABLE = "predictions.csv"


def add_to(app: typer.Typer) -> None:
    """Registers the command."""
    app.command("predict")(predict)


def predict(
    artifact: Annotated[Path, typer.Argument(metavar="ARTIFACT", help="A .tflite, .onnx, .npz, .keras or .h5 file.")],
    images: Annotated[
        Path, typer.Argument(metavar="IMAGE|DIR|NPZ", help="An image, a folder of images, or samples in a .npz file.")
    ],
    out: Annotated[
        Path,
        typer.Option(
            "--out", metavar="DIR", help="Folder for the masks and overlays, or the table.", show_default=False
        ),
    ],
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Replace files that are there.")] = False,
    task: Asked = None,
    classes: Classes = None,
    trust: Trust = False,
    custom_objects: CustomObjects = None,
    json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Write NAME_mask.png and NAME_overlay.png for each image, in its own size; predictions.csv without masks.

    A mask holds 0 and 255, of several classes their numbers. The table has a class and its confidence for each image,
    or its values. Samples of a .npz file are called by their numbers.
    """
    from edge_nas.cli.artifact import open_artifact
    from edge_nas.data.folder import list_images

    arrays = images.suffix == ".npz"
    sources = () if arrays else list_images(images)
    opened = open_artifact(artifact, trust=trust, custom_objects=custom_objects, task=task, classes=classes)
    tell = _silent if json or quiet else typer.echo
    _require_kind(opened, images, arrays=arrays)
    if opened.task.has_masks:
        files = _write_masks(opened, plan_files(sources, out, overwrite=overwrite), out, tell)
    else:
        outputs = _of_arrays(opened, images) if arrays else _of_images(opened, sources)
        files = [{"table": str(_write_table(opened, "sample" if arrays else "image", outputs, out, overwrite, tell))}]
    if json:
        print_json({"schema_version": 1, "status": "ok", "artifact": str(artifact), "files": files})


def _silent(_line: str) -> None:
    """Prints nothing of an image."""


def plan_files(sources: tuple[Path, ...], out: Path, *, overwrite: bool) -> dict[Path, tuple[Path, Path]]:
    """Returns image -> (mask file, overlay file), before anything is computed or written.

    Raises:
        ConfigError: two images would get the same file, or a file is there and `overwrite` is not set.
    """
    targets: dict[Path, tuple[Path, Path]] = {}
    source_of: dict[Path, Path] = {}
    for source in sources:
        mask, overlay = out / f"{source.stem}_mask.png", out / f"{source.stem}_overlay.png"
        if mask in source_of:
            raise ConfigError(f"{source_of[mask]} and {source} would both write {mask}; rename one of them")
        source_of[mask] = source
        targets[source] = (mask, overlay)
    _refuse_existing(chain.from_iterable(targets.values()), overwrite)
    return targets


def _refuse_existing(files: Iterable[Path], overwrite: bool) -> None:
    """Raises ConfigError where a file is there and must not be replaced, ResourceError where it cannot be there."""
    existing = []
    for file in files:
        with resource_errors(file, "written"):  # a name may be too long with what is added to it
            if file.exists():
                existing.append(str(file))
    if existing and not overwrite:
        more = f" and {len(existing) - LISTED} more" if len(existing) > LISTED else ""
        raise ConfigError(f"{', '.join(existing[:LISTED])}{more} exist; name another --out, or give --overwrite")


def _write_masks(
    opened: "OpenArtifact", targets: dict[Path, tuple[Path, Path]], out: Path, tell: Callable[[str], None]
) -> list[dict[str, str]]:
    """Writes mask and overlay of each image; returns their paths."""
    import numpy as np
    from PIL import Image

    from edge_nas.core.atomic import make_folder

    make_folder(out)
    for source, (mask_path, overlay_path) in targets.items():
        image, output = _run(opened, source)
        mask = Image.fromarray(opened.task.stored_mask(output)).resize(image.size, Image.Resampling.NEAREST)
        _save(mask, mask_path)
        overlay = opened.task.painted(np.asarray(image.convert("RGB")), np.asarray(mask))
        _save(Image.fromarray(overlay), overlay_path)
        tell(f"{source.name} -> {mask_path}, {overlay_path.name}")
    return [{"mask": str(mask), "overlay": str(overlay)} for mask, overlay in targets.values()]


def _require_kind(opened: "OpenArtifact", images: Path, *, arrays: bool) -> None:
    """Raises DataError where image files are given to a network of other samples, or arrays to one of masks."""
    from edge_nas.core.samples import MOST_AXES, PICTURE_CHANNELS
    from edge_nas.errors import DataError

    shape = opened.input_shape
    if not arrays and (len(shape) != MOST_AXES or shape[-1] not in PICTURE_CHANNELS):
        raise DataError(
            f"{images}: the network takes samples of shape {tuple(shape)}, which image files are not; give a .npz file "
            "with an array `samples`"
        )
    if arrays and opened.task.has_masks:
        raise DataError(f"{images}: masks are written beside image files, in their sizes; give an image or a folder")


def _of_images(opened: "OpenArtifact", sources: tuple[Path, ...]) -> "Iterator[tuple[str, Outputs]]":
    """Yields name and output of each image."""
    for source in sources:
        yield source.name, _run(opened, source)[1]


def _of_arrays(opened: "OpenArtifact", path: Path) -> "Iterator[tuple[str, Outputs]]":
    """Yields number and output of each sample of a .npz file."""
    from edge_nas.data.arrays import read_sample_array
    from edge_nas.data.loader import preprocessing_for

    samples = read_sample_array(path, opened.input_shape)
    preprocessing = preprocessing_for(samples, opened.sample, str(path))
    for number in range(len(samples)):
        yield f"{number:05d}", opened.run(preprocessing.apply(samples[number : number + 1]))[0]


def _write_table(
    opened: "OpenArtifact",
    heading: str,
    outputs: "Iterator[tuple[str, Outputs]]",
    out: Path,
    overwrite: bool,
    tell: Callable[[str], None],
) -> Path:
    """Writes one row per sample, with its name under `heading`; returns the table's path."""
    from edge_nas.core.atomic import make_folder, write_bytes

    path = out / TABLE
    _refuse_existing([path], overwrite)
    rows = []
    for name, output in outputs:
        row = {heading: name, **opened.task.row(output)}
        rows.append(row)
        tell(", ".join(row.values()))
    text = io.StringIO()
    writer = csv.DictWriter(text, list(rows[0]), lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    make_folder(out)
    write_bytes(path, text.getvalue().encode("utf-8", errors="backslashreplace"))
    return path


def _run(opened: "OpenArtifact", source: Path) -> "tuple[Image.Image, Outputs]":
    """Returns an image in its own size, and the network's output for it, without a batch."""
    from edge_nas.data.images import open_image, resize_image
    from edge_nas.data.loader import preprocessing_for

    image = open_image(source, opened.input_shape[-1])
    batch_of_one = resize_image(image, opened.input_shape)[None]
    preprocessing = preprocessing_for(batch_of_one, opened.sample, str(source))
    return image, opened.run(preprocessing.apply(batch_of_one))[0]


def _save(image: "Image.Image", path: Path) -> None:
    from edge_nas.core.atomic import replacing

    with replacing(path) as temporary:
        image.save(temporary, format="PNG")
