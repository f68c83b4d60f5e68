"""Training batches: shuffled, changed at random, the same for the same seed.

The random changes of pictures end in whole pixel values, as a camera would deliver them, and only then become network
input: by the table of all 256 values that `Preprocessing` gives. Other samples are changed as network inputs, of which
int8 codes are coarser than sensor values are. With nothing to change, a batch is `preprocessing.apply` of its samples
to the last bit (a division in the graph would not be: TensorFlow may turn it into a multiplication).
"""

import itertools
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import numpy.typing as npt
import tensorflow as tf

from edge_nas.core.config import AugmentationSpec
from edge_nas.data.dataset import ImageSet
from edge_nas.data.signals import ChannelStatistics, changed_signals

# tf.Tensor has no static type that mypy could check.
Tensor = Any
Indices = npt.NDArray[np.int32]
Take = Callable[[Tensor, Tensor], tuple[Tensor, Tensor]]
"""Indices of a batch and the seed of its changes to inputs and labels."""


def training_batches(
    images: ImageSet,
    spec: AugmentationSpec,
    batch_size: int,
    seed: int,
    *,
    augment: bool = True,
) -> Any:
    """Returns a tf.data.Dataset of one epoch of batches (x, y), another order and other changes at each iteration.

    The k-th iteration over the returned object depends on `seed` and k alone, not on TensorFlow's global seed. The
    last batch holds what is left.

    Args:
        images: the training split.
        spec: ranges of the random changes; each is drawn per sample. Pictures and other samples have their own.
        batch_size: samples per batch (≥ 1).
        seed: of order and changes (≥ 0).
        augment: False: shuffled only.

    Returns:
        A dataset of x (B, ...) float32, preprocessed, and y float32: masks (B, H, W, 1), which change with the
        geometry of their images, or other labels (B, ...).
    """
    take = (_pictures if images.format.is_picture else _signals)(images, spec, augment=augment)

    def batch(indices: Tensor, batch_seed: Tensor) -> tuple[Tensor, Tensor]:
        x, y = take(indices, batch_seed)
        y = tf.cast(y, tf.float32)
        return tf.ensure_shape(x, (None, *images.images.shape[1:])), tf.ensure_shape(y, (None, *y.shape[1:]))

    order = tf.data.Dataset.from_generator(
        _epochs(len(images), batch_size, seed),
        output_signature=(tf.TensorSpec((None,), tf.int32), tf.TensorSpec((2,), tf.int32)),
    )
    batches = order.map(batch, num_parallel_calls=tf.data.AUTOTUNE, deterministic=True)
    batch_count = -(-len(images) // batch_size)  # rounded up
    # A generator does not say how long it is, and Keras asks before the first epoch.
    known_length = tf.data.experimental.assert_cardinality(batch_count)
    return batches.prefetch(tf.data.AUTOTUNE).apply(known_length)


def _pictures(images: ImageSet, spec: AugmentationSpec, *, augment: bool) -> Take:
    """Returns what makes inputs and labels of pictures at some indices."""
    has_masks = images.task.has_masks
    pixels = tf.constant(images.images)
    labels = tf.constant(images.labels[..., np.newaxis] if has_masks else images.labels)
    channels = images.images.shape[-1] if images.preprocessing.by_channel else 1
    every_value = np.repeat(np.arange(256, dtype=np.uint8)[:, np.newaxis], channels, axis=1)
    input_of_pixel = tf.constant(images.preprocessing.apply(every_value).reshape(-1))
    channel = tf.range(channels)

    def take(indices: Tensor, batch_seed: Tensor) -> tuple[Tensor, Tensor]:
        x, y = tf.gather(pixels, indices), tf.gather(labels, indices)
        if augment and has_masks:
            x, y = _augmented(x, y, spec, batch_seed)
        elif augment:
            no_masks = x[..., :1]
            x, _ = _augmented(x, no_masks, spec, batch_seed)
        return tf.gather(input_of_pixel, channels * tf.cast(x, tf.int32) + channel), y

    return take


def _signals(images: ImageSet, spec: AugmentationSpec, *, augment: bool) -> Take:
    """Returns what makes inputs and labels of other samples at some indices."""
    inputs, labels = tf.constant(images.inputs()), tf.constant(images.labels)
    statistics = ChannelStatistics.of(images.inputs())

    def take(indices: Tensor, batch_seed: Tensor) -> tuple[Tensor, Tensor]:
        x, y = tf.gather(inputs, indices), tf.gather(labels, indices)
        if augment:
            x = changed_signals(x, spec, statistics, batch_seed, has_time=images.format.has_time)
        return x, y

    return take


def _epochs(images: int, batch_size: int, seed: int) -> Callable[[], Iterator[tuple[Indices, Indices]]]:
    """Returns what makes the next epoch whenever it is called: indices of each batch and the seed of its changes."""
    epochs = itertools.count()

    def next_epoch() -> Iterator[tuple[Indices, Indices]]:
        rng = np.random.default_rng([seed, next(epochs)])
        order = rng.permutation(images).astype(np.int32)
        for start in range(0, images, batch_size):
            yield order[start : start + batch_size], rng.integers(0, 2**31, size=2, dtype=np.int32)

    return next_epoch


def _augmented(x: Tensor, y: Tensor, spec: AugmentationSpec, batch_seed: Tensor) -> tuple[Tensor, Tensor]:
    """Returns x (B, H, W, C) and y (B, H, W, 1), both uint8, changed alike in geometry."""
    seeds = tf.unstack(tf.random.split(batch_seed, 5))
    if spec.flip:
        x, y = _flipped(x, y, seeds[0])
    if spec.crop > 0:
        x, y = _cropped(x, y, spec.crop, seeds[1])
    if spec.brightness > 0 or spec.contrast > 0 or spec.colour > 0:
        x = _recoloured(tf.cast(x, tf.float32), spec, seeds[2:])
    whole_values = tf.clip_by_value(tf.round(tf.cast(x, tf.float32)), 0.0, 255.0)
    return tf.cast(whole_values, tf.uint8), y


def _flipped(x: Tensor, y: Tensor, seed: Tensor) -> tuple[Tensor, Tensor]:
    """Returns each pair mirrored left and right with probability 1/2."""
    mirror = tf.random.stateless_uniform((tf.shape(x)[0], 1, 1, 1), seed) < 0.5
    return tf.where(mirror, tf.reverse(x, [2]), x), tf.where(mirror, tf.reverse(y, [2]), y)


def _cropped(x: Tensor, y: Tensor, largest: float, seed: Tensor) -> tuple[Tensor, Tensor]:
    """Returns a random box of each pair, scaled back to full size: x bilinear in float32, y nearest in uint8.

    The box loses the same share s of height and width, s uniform in [0, largest], and lies anywhere.
    """
    count, size = tf.shape(x)[0], x.shape[1:3]
    draws = tf.random.stateless_uniform((count, 3), seed)
    cut = draws[:, 0] * largest
    top, left = draws[:, 1] * cut, draws[:, 2] * cut
    boxes = tf.stack([top, left, top + 1.0 - cut, left + 1.0 - cut], axis=1)
    own_box = tf.range(count)
    images = tf.image.crop_and_resize(x, boxes, own_box, size, method="bilinear")
    masks = tf.image.crop_and_resize(y, boxes, own_box, size, method="nearest")
    return images, tf.cast(masks, tf.uint8)


def _recoloured(x: Tensor, spec: AugmentationSpec, seeds: list[Tensor]) -> Tensor:
    """Returns float32 pixels with, per image, another gain of each channel, another contrast, another brightness."""
    count, channels = tf.shape(x)[0], x.shape[-1]
    # A grey picture has no colour: its one gain would be another contrast.
    gain = 1.0 + spec.colour * _symmetric((count, 1, 1, channels), seeds[0]) if channels > 1 else 1.0
    contrast = 1.0 + spec.contrast * _symmetric((count, 1, 1, 1), seeds[1])
    shift = 255.0 * spec.brightness * _symmetric((count, 1, 1, 1), seeds[2])
    x = x * gain
    mean = tf.reduce_mean(x, axis=(1, 2, 3), keepdims=True)
    return (x - mean) * contrast + mean + shift


def _symmetric(shape: tuple[Any, ...], seed: Tensor) -> Tensor:
    """Returns uniform random numbers in [-1, 1)."""
    return tf.random.stateless_uniform(shape, seed, minval=-1.0, maxval=1.0)
