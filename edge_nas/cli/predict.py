"""`edge-nas predict`: masks and overlays of one image or a folder of images."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from edge_nas.cli.options import CustomObjects, Json, Quiet, Trust
from edge_nas.cli.outcome import print_json
from edge_nas.errors import ConfigError

if TYPE_CHECKING:
    from PIL import Image

LISTED = 5


def add_to(app: typer.Typer) -> None:
    """Registers the command."""
    app.command("predict")(predict)


def predict(
    artifact: Annotated[Path, typer.Argument(metavar="ARTIFACT", help="A .tflite, .onnx, .npz, .keras or .h5 file.")],
    images: Annotated[Path, typer.Argument(metavar="IMAGE|DIR", help="An image, or a folder of images.")],
    out: Annotated[
        Path, typer.Option("--out", metavar="DIR", help="Folder for the masks and overlays.", show_default=False)
    ],
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Replace files that are there.")] = False,
    trust: Trust = False,
    custom_objects: CustomObjects = None,
    json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Write NAME_mask.png (0 and 255) and NAME_overlay.png for each image, in the image's own size."""
    from edge_nas.cli.artifact import open_artifact
    from edge_nas.core.atomic import make_folder
    from edge_nas.core.preprocessing import Preprocessing
    from edge_nas.data.folder import list_images
    from edge_nas.data.images import open_image, resize_image

    sources = list_images(images)
    targets = plan_files(sources, out, overwrite=overwrite)
    opened = open_artifact(artifact, trust=trust, custom_objects=custom_objects)
    make_folder(out)
    for source, (mask_path, overlay_path) in targets.items():
        image = open_image(source)
        pixels = resize_image(image, opened.input_shape)
        logits = opened.run(Preprocessing().apply(pixels[None]))
        mask = _mask(logits[0, :, :, 0] > 0, image.size)
        _save(mask, mask_path)
        _save(_overlay(image, mask), overlay_path)
        if not json and not quiet:
            typer.echo(f"{source.name} -> {mask_path}, {overlay_path.name}")
    if json:
        written = [{"mask": str(mask), "overlay": str(overlay)} for mask, overlay in targets.values()]
        print_json({"schema_version": 1, "status": "ok", "artifact": str(artifact), "files": written})


def plan_files(sources: tuple[Path, ...], out: Path, *, overwrite: bool) -> dict[Path, tuple[Path, Path]]:
    """Returns image -> (mask file, overlay file), before anything is computed or written.

    Raises:
        ConfigError: two images would get the same file, or a file is there and `overwrite` is not set.
    """
    targets = {source: (out / f"{source.stem}_mask.png", out / f"{source.stem}_overlay.png") for source in sources}
    by_file: dict[Path, Path] = {}
    for source, files in targets.items():
        if files[0] in by_file:
            raise ConfigError(f"{by_file[files[0]]} and {source} would both write {files[0]}; rename one of them")
        by_file[files[0]] = source
    there = [str(file) for files in targets.values() for file in files if file.exists()]
    if there and not overwrite:
        more = f" and {len(there) - LISTED} more" if len(there) > LISTED else ""
        raise ConfigError(f"{', '.join(there[:LISTED])}{more} exist; name another --out, or give --overwrite")
    return targets


def _mask(foreground: object, size: tuple[int, int]) -> "Image.Image":
    """Returns an 8-bit image (0, 255) of `size` (width, height) for a boolean (H, W) array."""
    import numpy as np
    from PIL import Image

    small = Image.fromarray(np.asarray(foreground, np.uint8) * np.uint8(255))
    return small.resize(size, Image.Resampling.NEAREST)


def _overlay(image: "Image.Image", mask: "Image.Image") -> "Image.Image":
    """Returns the image with its foreground tinted."""
    import numpy as np
    from PIL import Image

    from edge_nas.tasks.overlay import tinted

    return Image.fromarray(tinted(np.asarray(image), np.asarray(mask) > 0))


def _save(image: "Image.Image", path: Path) -> None:
    from edge_nas.core.atomic import replacing

    with replacing(path) as temporary:
        image.save(temporary, format="PNG")
