"""Samples in a user's hands, an array or a tf.data.Dataset, as network inputs."""

from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from edge_nas.core.preprocessing import AS_THEY_ARE
from edge_nas.core.samples import preprocessing_in_hand
from edge_nas.errors import ConfigError, DataError

_ENDLESS = -1  # what tf.data's cardinality says of a dataset that repeats for ever


class Inputs(NamedTuple):
    """Network inputs (N, ...) float32, the labels that came with them, or None, and whether they were bytes, scaled."""

    images: npt.NDArray[np.float32]
    labels: npt.NDArray[Any] | None
    are_scaled: bool = False


def input_rank(model: Any, input_shape: Any | None) -> int:
    """Returns how many axes a model's input has with its batch: as told, as the model knows, else 4 as images have."""
    if isinstance(input_shape, tuple):
        return len(input_shape) + 1
    try:
        shape = model.input_shape
    except (AttributeError, RuntimeError):  # a subclassed model that was never called
        shape = getattr(model, "_build_input_shape", None)
    return len(shape) if isinstance(shape, tuple) else 4


def network_inputs(images: Any, rank: int, limit: int | None = None) -> Inputs:
    """Returns network inputs and, of a dataset of pairs, their labels.

    Args:
        images: (N, ...) array; or a tf.data.Dataset of images or (image, label) pairs, in batches or one by one.
            uint8 pixels are scaled as everywhere in edge-nas; other numbers are taken as they are.
        rank: axes of one network input with its batch, 4 for images.
        limit: the most images taken, the first ones; None: all.

    Raises:
        ConfigError: an endless dataset without a limit.
        DataError: no image, or an array of another number of axes.
    """
    if hasattr(images, "element_spec"):  # a tf.data.Dataset, told without importing TensorFlow
        pixels, labels = collected(images, rank, limit)
    else:
        pixels, labels = np.asarray(images), None
    if pixels.ndim != rank or not len(pixels):
        raise DataError(f"images have shape {pixels.shape}; allowed: {rank} axes, the first for at least one image")
    pixels = pixels[:limit]
    if pixels.dtype.kind not in "fiu":
        raise DataError(
            f"images are {pixels.dtype}; allowed: uint8 pixels, or numbers that the network takes as they are"
        )
    preprocessing = preprocessing_in_hand(pixels.dtype.name)
    return Inputs(preprocessing.apply(pixels), labels, are_scaled=preprocessing != AS_THEY_ARE)


def collected(dataset: Any, rank: int, limit: int | None) -> tuple[npt.NDArray[Any], npt.NDArray[Any] | None]:
    """Returns the images of a tf.data.Dataset, (N, ...) as they are, and the labels beside them or None.

    Args:
        dataset: of images or (image, label) pairs, in batches or one by one.
        rank: axes of images with their batch.
        limit: the most images; None: all.

    Raises:
        ConfigError: it is endless and there is no limit.
        DataError: it holds no image.
    """
    if limit is None and int(dataset.cardinality()) == _ENDLESS:
        raise ConfigError("the tf.data.Dataset of images is endless; give dataset.take(n), n batches of images")
    images: list[npt.NDArray[Any]] = []
    labels: list[npt.NDArray[Any]] = []
    count = 0
    for element in dataset.as_numpy_iterator():
        image, *label = map(np.asarray, element if isinstance(element, tuple) else (element,))
        one_by_one = image.ndim == rank - 1
        images.append(image[None] if one_by_one else image)
        if label:
            labels.append(label[0][None] if one_by_one else label[0])
        count += len(images[-1])
        if limit is not None and count >= limit:
            break
    if not images:
        raise DataError("the tf.data.Dataset holds no image")
    return np.concatenate(images), np.concatenate(labels)[:limit] if labels else None
