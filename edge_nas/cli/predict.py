"""`edge-nas predict`: what a network gives for one image or a folder of images.

Masks and overlays in the images' own sizes; for tasks without masks, a table.
"""

import csv
import io
from collections.abc import Callable, Iterable
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
    images: Annotated[Path, typer.Argument(metavar="IMAGE|DIR", help="An image, or a folder of images.")],
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
    or its values.
    """
    from edge_nas.cli.artifact import open_artifact
    from edge_nas.data.folder import list_images

    sources = list_images(images)
    opened = open_artifact(artifact, trust=trust, custom_objects=custom_objects, task=task, classes=classes)
    tell = _silent if json or quiet else typer.echo
    if opened.task.has_masks:
        files = _write_masks(opened, plan_files(sources, out, overwrite=overwrite), out, tell)
    else:
        files = [{"table": str(_write_table(opened, sources, out, overwrite, tell))}]
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
        overlay = opened.task.painted(np.asarray(image), np.asarray(mask))
        _save(Image.fromarray(overlay), overlay_path)
        tell(f"{source.name} -> {mask_path}, {overlay_path.name}")
    return [{"mask": str(mask), "overlay": str(overlay)} for mask, overlay in targets.values()]


def _write_table(
    opened: "OpenArtifact", sources: tuple[Path, ...], out: Path, overwrite: bool, tell: Callable[[str], None]
) -> Path:
    """Writes one row per image; returns the table's path."""
    from edge_nas.core.atomic import make_folder, write_bytes

    path = out / TABLE
    _refuse_existing([path], overwrite)
    rows = []
    for source in sources:
        _, output = _run(opened, source)
        row = {"image": source.name, **opened.task.row(output)}
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
    from edge_nas.core.preprocessing import Preprocessing
    from edge_nas.data.images import open_image, resize_image

    image = open_image(source)
    batch_of_one = resize_image(image, opened.input_shape)[None]
    return image, opened.run(Preprocessing().apply(batch_of_one))[0]


def _save(image: "Image.Image", path: Path) -> None:
    from edge_nas.core.atomic import replacing

    with replacing(path) as temporary:
        image.save(temporary, format="PNG")
