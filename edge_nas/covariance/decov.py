"""DeCov: the penalty that decorrelates features while a network trains."""

from typing import Any

import tensorflow as tf

_TINY = 1e-30
_FLOOR = 1e-6
"""Variance, as a share of the channels' mean variance, below which a channel counts as nearly constant."""


def covariance_redundancy(y: Any, normalize: bool = True) -> Any:
    """Returns the DeCov penalty of features, a float32 scalar.

    C is the covariance of the last axis over all other axes of the batch. Raw form, Cogswell et al. (ICLR 2016, arXiv
    1511.06068), eq. 4: ½ (‖C‖²_F − ‖diag C‖²). Normalised form: the same on the correlation matrix, divided by
    n (n − 1), so that it lies in [0, ½] and cannot be lowered by shrinking the features.

    Args:
        y: features (..., n), any float dtype; computed in float32.
        normalize: correlation instead of covariance.

    A single channel and a constant channel have no correlation and contribute 0.
    """
    channels = y.shape[-1]
    rows = tf.reshape(tf.cast(y, tf.float32), (-1, channels))
    centred = rows - tf.reduce_mean(rows, axis=0)
    count = tf.cast(tf.shape(rows)[0], tf.float32)
    covariance = tf.matmul(centred, centred, transpose_a=True) / count
    if normalize:
        # The small term keeps the gradient finite where a channel is constant. It is relative, so that the penalty
        # cannot be lowered by shrinking all features.
        variance = tf.linalg.diag_part(covariance)
        floor = _FLOOR * tf.stop_gradient(tf.reduce_mean(variance)) + _TINY
        scale = tf.math.rsqrt(variance + floor)
        covariance = covariance * scale[:, None] * scale[None, :]
    off_diagonal = covariance - tf.linalg.diag(tf.linalg.diag_part(covariance))
    penalty = 0.5 * tf.reduce_sum(tf.square(off_diagonal))
    return penalty / max(1, channels * (channels - 1)) if normalize else penalty
