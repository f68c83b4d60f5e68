"""Random changes of samples that are no pictures: shifted in time, scaled, with noise; all as network inputs."""

from typing import Any, NamedTuple, Self

import numpy as np
import tensorflow as tf

from edge_nas.core.arrays import Inputs
from edge_nas.core.config import AugmentationSpec

# tf.Tensor has no static type that mypy could check.
Tensor = Any


class ChannelStatistics(NamedTuple):
    """Mean and standard deviation of each channel over the training inputs, (C,) float32."""

    mean: Inputs
    deviation: Inputs

    @classmethod
    def of(cls, inputs: Inputs) -> Self:
        """Returns those of inputs (N, ..., C)."""
        others = tuple(range(inputs.ndim - 1))
        mean = inputs.mean(axis=others, dtype=np.float64)
        return cls(mean.astype(np.float32), inputs.std(axis=others, dtype=np.float64).astype(np.float32))


def changed_signals(
    x: Tensor, spec: AugmentationSpec, statistics: ChannelStatistics, seed: Tensor, *, has_time: bool
) -> Tensor:
    """Returns network inputs (B, ..., C) float32, each changed by draws of its own.

    Args:
        x: the inputs.
        spec: `shift`, `amplitude` and `noise`.
        statistics: of the channels: what is scaled is the distance from the mean, noise is a share of the deviation.
        seed: (2,) int32.
        has_time: whether the first axis of a sample is one of moments; without it nothing is shifted.
    """
    seeds = tf.unstack(tf.random.split(seed, 3))
    if has_time and spec.shift > 0:
        x = _shifted(x, spec.shift, seeds[0])
    if spec.amplitude > 0:
        each = (tf.shape(x)[0], *(1 for _ in x.shape[1:]))
        gain = 1.0 + tf.random.stateless_uniform(each, seeds[1], minval=-spec.amplitude, maxval=spec.amplitude)
        x = (x - statistics.mean) * gain + statistics.mean
    if spec.noise > 0:
        x = x + spec.noise * statistics.deviation * tf.random.stateless_normal(tf.shape(x), seeds[2])
    return x


def _shifted(x: Tensor, largest: float, seed: Tensor) -> Tensor:
    """Returns each signal earlier or later by whole moments, up to a share of its length.

    The first or last moment is held where nothing is known: a jump, as of a wrapped end, would be a feature.
    """
    count, length = tf.shape(x)[0], x.shape[1]
    most = int(largest * length)
    steps = tf.random.stateless_uniform((count, 1), seed, minval=-most, maxval=most + 1, dtype=tf.int32)
    moments = tf.clip_by_value(tf.range(length)[tf.newaxis] + steps, 0, length - 1)
    return tf.gather(x, moments, axis=1, batch_dims=1)
