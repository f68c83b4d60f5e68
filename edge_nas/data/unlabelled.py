"""Samples without labels, for statistics."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt

from edge_nas.core.arrays import Samples
from edge_nas.core.samples import MOST_AXES, PICTURE_CHANNELS
from edge_nas.data.arrays import read_input_arrays, read_sample_array
from edge_nas.data.folder import list_images
from edge_nas.data.images import read_image, shown
from edge_nas.data.listing import entries, existing_folder
from edge_nas.data.splits import Shape
from edge_nas.errors import DataError


def read_samples(
    path: Path, input_shape: Shape | None, limit: int | None = None, *, usual: Shape = (48, 64, 3)
) -> Samples:
    """Returns samples (N, ...) from a folder of images, or from a data set.

    That is, what there is first of `path/train.npz`, `path/train/img`, `path/img`, the class folders in `path/train`,
    `path` itself; `path` may be a .npz file with an array `samples` or `images`, too.

    Args:
        path: a data set, a folder of images or a .npz file.
        input_shape: of a sample, (H, W, C) of images, which are resized to it; None: as arrays say.
        limit: the most samples, spread evenly over the names in their order; None: all.
        usual: what images are resized to where nothing is asked for.

    Raises:
        DataError: no folder, no sample, or one that cannot be read; images for a network that takes something else.
        UnsafeError: an image lies outside the folder.
    """
    arrays = path if path.suffix == ".npz" else path / "train.npz"
    if arrays.is_file():
        samples = read_sample_array(arrays, input_shape)
        return samples[_spread_indices(len(samples), limit)]
    shape = usual if input_shape is None else input_shape
    if len(shape) != MOST_AXES or shape[-1] not in PICTURE_CHANNELS:
        raise DataError(
            f"{shown(path)}: the network takes samples of shape {shape}, which image files are not; give a .npz file "
            "with an array `samples`, or a folder with train.npz"
        )
    files = _image_files(path if path.is_file() else existing_folder(path))
    return np.stack([read_image(files[index], shape) for index in _spread_indices(len(files), limit)])


def read_joint_samples(path: Path, names: Sequence[str], limit: int | None = None) -> dict[str, Samples]:
    """Returns samples for a network of several inputs, (N, ...) by the name of each, from a .npz file.

    Args:
        path: the file, or a data set, whose `train.npz` is taken.
        names: of the network's inputs.
        limit: the most samples, spread evenly; None: all.

    Raises:
        DataError: there is no such file, or not an array for each input.
    """
    file = path if path.suffix == ".npz" else path / "train.npz"
    if not file.is_file():
        raise DataError(
            f"{shown(path)}: a network with the inputs {', '.join(names)} takes a .npz file with an array of each "
            "name, or a folder with such a train.npz"
        )
    arrays = read_input_arrays(file, names)
    chosen = _spread_indices(len(arrays[names[0]]), limit)
    return {name: array[chosen] for name, array in arrays.items()}


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
