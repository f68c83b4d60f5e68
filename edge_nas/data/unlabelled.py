"""Images without labels, for statistics."""

from pathlib import Path

import numpy as np
import numpy.typing as npt

from edge_nas.data.arrays import read_image_array
from edge_nas.data.dataset import Pixels
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
        return pixels[_spread(len(pixels), limit)]
    root = path if path.is_file() else existing_folder(path)
    folder = next((inner for inner in (root / "train" / "img", root / "img", root / "train") if inner.is_dir()), root)
    nested = folder == root / "train" and not any(entry.is_file() for entry in entries(root, folder))
    files = [file for inner in (entries(root, folder) if nested else [folder]) for file in list_images(inner)]
    return np.stack([read_image(files[index], input_shape) for index in _spread(len(files), limit)])


def _spread(count: int, limit: int | None) -> npt.NDArray[np.intp]:
    """Returns up to `limit` of the numbers below `count`, evenly spread."""
    chosen = count if limit is None else min(limit, count)
    return np.arange(chosen) * count // chosen
