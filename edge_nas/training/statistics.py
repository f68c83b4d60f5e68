"""BatchNorm's statistics, taken anew from training images in the place of moving averages that still warm up.

While it trains, a BatchNorm normalises with the mean and variance of the batch. In inference it normalises with moving
averages of them, which forget their start (mean 0, variance 1) by a factor of `momentum` per step and lag behind the
weights. With Keras' default of 0.99 a run of 180 steps (140 images, 20 epochs) still holds a sixth of that start: the
network that is scored, chosen and shipped is not the one that was trained. So before each score that chooses weights
the statistics of the training images take the averages' place, as they are, without augmentation. This is PreciseBN (Wu
& Johnson 2021, Rethinking "Batch" in BatchNorm, arXiv 2105.07576, section 3); design note 22 has what it brings.
"""

import math
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import tensorflow as tf
import tf_keras

from edge_nas.data.dataset import ImageSet
from edge_nas.graph.walk import Call, input_keys, layer_calls

Array = npt.NDArray[np.floating]

MOST_IMAGES = 256
"""Of the training set, drawn at random. Scores of networks with statistics of 256 and of 64 images differ by less than
those of two seeds (design note 22), and Wu & Johnson need as few; more would cost time after every epoch."""
_BATCH_BYTES = 2**28
"""Of the largest output of a layer over one batch, 256 MiB: about what a step of training takes of large networks, and
enough for all images at once of those that fit into a microcontroller."""


class _Moments(NamedTuple):
    """Mean and variance per channel of what a BatchNorm sees at one call."""

    mean: Any
    variance: Any


class PopulationStatistics(tf_keras.callbacks.Callback):
    """Gives a network's BatchNorms the statistics of its training images whenever Keras is about to score it.

    Each BatchNorm is measured behind others that have their new statistics already, which is what inference computes:
    within a batch exactly, over several batches as nearly as the batches resemble each other. What acts only in
    training, such as Dropout, is off. A BatchNorm that is called several times gets the mean over its calls, as its
    moving average would.

    Frozen BatchNorms (`trainable` False) keep what they have, and a network without BatchNorm is never touched: none
    with fake quantization has any (design note 3).

    Args:
        network: flat; the one that is trained.
        images: the training images, of which at most `MOST_IMAGES` are looked at.
        seed: of their choice.
    """

    def __init__(self, network: tf_keras.Model, images: ImageSet, seed: int) -> None:
        super().__init__()
        self._calls = tuple(call for call in layer_calls(network) if call.inputs)
        self._measure: Callable[[Any], dict[str, list[_Moments]]] | None = None
        if any(_batchnorm_of(call) is not None for call in self._calls):
            count = min(len(images), MOST_IMAGES)
            chosen = np.random.default_rng(seed).choice(len(images), count, replace=False)
            self._batches = _batches(images.inputs(np.sort(chosen)), self._calls)
            self._measure = _measurement(network, self._calls)

    def on_test_begin(self, logs: dict[str, Any] | None = None) -> None:  # noqa: ARG002 - Keras' signature
        """Takes the statistics anew."""
        if self._measure is None:
            return
        measured = [self._measure(tf.constant(batch)) for batch in self._batches]
        sizes = [len(batch) for batch in self._batches]
        for call in self._calls:
            batchnorm = _batchnorm_of(call)
            if batchnorm is not None:
                mean, variance = _pooled([_mean_over_calls(moments[batchnorm.name]) for moments in measured], sizes)
                batchnorm.moving_mean.assign(mean)
                batchnorm.moving_variance.assign(variance)


def _batchnorm_of(call: Call) -> Any:
    """Returns the BatchNorm that a call is of; None where it learns no statistics."""
    is_batchnorm = isinstance(call.layer, tf_keras.layers.BatchNormalization)
    return call.layer if is_batchnorm and call.layer.trainable else None


def _batches(inputs: Array, calls: Sequence[Call]) -> list[Array]:
    """Returns the inputs (N, ...) in as few batches of about one size as keep to `_BATCH_BYTES`."""
    shapes = [shape for call in calls for shape in call.output_shapes]
    numbers = max(math.prod(size or 1 for size in shape[1:]) for shape in shapes)
    count = math.ceil(len(inputs) * numbers * np.dtype(np.float32).itemsize / _BATCH_BYTES)
    return np.array_split(inputs, min(count, len(inputs)))


def _measurement(network: tf_keras.Model, calls: Sequence[Call]) -> Callable[[Any], dict[str, list[_Moments]]]:
    """Returns a function from a batch to what each BatchNorm sees at each of its calls, by name.

    It leaves the batch's own statistics in the BatchNorms.
    """

    def measure(inputs: Any) -> dict[str, list[_Moments]]:
        tensors = {input_keys(network)[0]: inputs}
        moments: dict[str, list[_Moments]] = {}
        for call in calls:
            batchnorm = _batchnorm_of(call)
            if batchnorm is not None:
                values = tensors[call.inputs[0]]
                axes = [axis for axis in range(values.shape.rank) if axis not in batchnorm.axis]
                mean, variance = tf.nn.moments(values, axes)
                shape = batchnorm.moving_mean.shape  # over several axes it has a 1 for each of the others
                seen = _Moments(tf.reshape(mean, shape), tf.reshape(variance, shape))
                moments.setdefault(batchnorm.name, []).append(seen)
                batchnorm.moving_mean.assign(seen.mean)
                batchnorm.moving_variance.assign(seen.variance)
            tensors |= dict(zip(call.outputs, call.run(tensors), strict=True))
        return moments

    signature = tf.TensorSpec((None, *network.inputs[0].shape[1:]), tf.float32)
    # Traced once and for all: a function traced by its first call counts in TensorFlow's warning of too many tracings.
    traced: Callable[[Any], dict[str, list[_Moments]]] = tf.function(measure).get_concrete_function(signature)
    return traced


def _mean_over_calls(moments: Sequence[_Moments]) -> _Moments:
    means = [np.asarray(seen.mean, np.float64) for seen in moments]
    variances = [np.asarray(seen.variance, np.float64) for seen in moments]
    return _Moments(np.mean(means, axis=0), np.mean(variances, axis=0))


def _pooled(moments: Sequence[_Moments], sizes: Sequence[int]) -> _Moments:
    """Returns the moments of all batches together: the law of total variance, for batches of these sizes."""
    means = np.stack([batch.mean for batch in moments])
    variances = np.stack([batch.variance for batch in moments])
    mean = np.average(means, axis=0, weights=sizes)
    variance = np.average(variances + np.square(means - mean), axis=0, weights=sizes)
    return _Moments(mean, variance)
