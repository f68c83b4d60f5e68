"""Images without labels, for statistics."""

from pathlib import Path

import numpy as np
import numpy.typing as npt

from edge_nas.core.arrays import Pixels
from edge_nas.data.arrays import read_image_array
from edge_nas.data.folder import list_images
from edge_nas.data.images import read_image
from edge_nas.data.listing import entries, existing_folder


def read_images(path: Path, input_shape: tuple[int, int, int], limit: int | None = None) -> Pixels:
    """Returns images as (N, H, W, 3) uint8 from a folder of them, or from a data set.

    That is, what there is first of `path/train.npz`, `path/train/img`, `path/img`, the class folders in `path/train`,
    `path` itself; `path` may be a .npz file with an array `images`, too.

    Args:
        path: a data set, a folder of images or a .npz file.
        input_shape: (H, W, 3); images are resized to it.
        limit: the most images, spread evenly over the names in their order; None: all.

    Raises:
        DataError: no folder, no image, or one that cannot be read.
        UnsafeError: an image lies outside the folder.
    """
    arrays = path if path.suffix == ".npz" else path / "train.npz"
    if arrays.is_file():
        pixels = read_image_array(arrays, input_shape)
        return pixels[_spread_indices(len(pixels), limit)]
    files = _image_files(path if path.is_file() else existing_folder(path))
    return np.stack([read_image(files[index], input_shape) for index in _spread_indices(len(files), limit)])


def _image_files(root: Path) -> list[Path]:
    """Returns the image files of the first place that there is; of class folders those of all classes."""
    places = (root / "train" / "img", root / "img", root / "train")
    folder = next((place for place in places if place.is_dir()), root)
    if folder != root / "train":
        return list(list_images(folder))
    inside = entries(root, folder)
    if any(entry.is_file() for entry in inside):
        return list(list_images(folder))
    files: list[Path] = []
    for class_folder in inside:
        files += list_images(class_folder)
    return files


def _spread_indices(count: int, limit: int | None) -> npt.NDArray[np.intp]:
    """Returns up to `limit` of the numbers below `count`, evenly spread."""
    taken = count if limit is None else min(limit, count)
    return np.arange(taken) * count // taken
