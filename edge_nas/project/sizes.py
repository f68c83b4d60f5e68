"""Masks that have another size than their picture, but its proportions: somebody labelled smaller copies."""

from pathlib import Path

from edge_nas.data.images import same_proportions, shown, upright_size
from edge_nas.data.layout import Layout
from edge_nas.errors import DataError


def other_sizes(layout: Layout) -> dict[Path, tuple[int, int]]:
    """Returns mask -> (width, height) of its picture, of the masks that have another size; only headers are read.

    Raises:
        DataError: a header that cannot be read, or proportions that are not the picture's: then the mask is another
            cut of the scene, and nobody knows which.
        ResourceError: no permission to read.
    """
    if layout.kind != "masks":
        return {}
    sizes = {}
    for sample in (sample for samples in layout.samples.values() for sample in samples):
        files = {place.partition("/")[0]: path for place, path in sample.files.items()}
        image, mask = upright_size(files["img"]), upright_size(files["mask"])
        if image == mask:
            continue
        if not same_proportions(image, mask):
            raise DataError(
                f"{shown(files['mask'])}: the mask is {mask[0]}x{mask[1]} but its picture {shown(files['img'])} is "
                f"{image[0]}x{image[1]}, of other proportions; they must show the same scene"
            )
        sizes[files["mask"]] = image
    return sizes
