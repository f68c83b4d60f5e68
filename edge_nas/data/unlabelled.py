"""Images without masks, for statistics."""

from pathlib import Path

import numpy as np

from edge_nas.data.dataset import Pixels
from edge_nas.data.folder import list_images
from edge_nas.data.images import read_image


def read_images(path: Path, input_shape: tuple[int, int, int], limit: int | None = None) -> Pixels:
    """Returns images as (N, H, W, 3) uint8: those of `path/train/img`, else `path/img`, else `path` itself.

    Args:
        path: a data set, or a folder of images.
        input_shape: (H, W, 3); images are resized to it.
        limit: the most images, spread evenly over the names in their order; None: all.

    Raises:
        DataError: no folder, no image, or one that cannot be read.
        UnsafeError: an image lies outside the folder.
    """
    folder = next((inner for inner in (path / "train" / "img", path / "img") if inner.is_dir()), path)
    files = list_images(folder)
    if limit is not None and limit < len(files):
        files = tuple(files[index] for index in np.arange(limit) * len(files) // limit)
    return np.stack([read_image(file, input_shape) for file in files])
