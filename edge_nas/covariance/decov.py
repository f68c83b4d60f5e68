"""DeCov: the penalty that decorrelates features while a network trains."""

import math
import warnings
from collections.abc import Callable
from typing import Any

import tensorflow as tf

from edge_nas.errors import ConfigError

_TINY = 1e-30
"""Added to a variance where all channels are constant: far below every other one, and no denormal in float32."""
_FLOOR = 1e-6
"""Variance, as a share of the channels' mean variance, below which a channel counts as nearly constant."""


def covariance_redundancy(y: Any, normalize: bool = True, stride: int = 1) -> Any:
    """Returns the DeCov penalty of features, a float32 scalar.

    C is the covariance of the last axis over all other axes of the batch. Raw form, Cogswell et al. (ICLR 2016, arXiv
    1511.06068), eq. 4: ½ (‖C‖²_F − ‖diag C‖²). Normalised form: the same on the correlation matrix, divided by
    n (n − 1), so that it lies in [0, ½] and cannot be lowered by shrinking the features.

    Args:
        y: features (..., n), any float dtype; computed in float32, so that half precision neither overflows nor loses
            the small differences of a covariance.
        normalize: correlation instead of covariance.
        stride: 1 looks at every position; s at every s-th row and column of feature maps (N, H, W, n) or step of
            sequences (N, T, n), always the same ones: about s² times less work for a noisier estimate.

    What else is defined: a single channel has no correlation, the penalty is 0 and a UserWarning says so. A constant
    channel contributes 0, with a finite gradient. One row (a batch of one vector) has no covariance: 0. NaN or an
    infinity anywhere gives NaN, so that training that watches its loss stops.

    Raises:
        ConfigError: the number of channels is unknown, or stride is not a whole number from 1.
    """
    y = tf.convert_to_tensor(y)
    channels = y.shape[-1] if y.shape.rank else None
    if channels is None:
        raise ConfigError(
            f"covariance_redundancy: features of shape {y.shape}; the size of the last axis must be known"
        )
    if channels == 1:
        warnings.warn(
            "covariance_redundancy: one channel has no correlations, the penalty is 0 for ever; penalise the features "
            "that feed this layer instead",
            stacklevel=2,
        )
    covariance = tf.custom_gradient(_covariance)(tf.reshape(tf.cast(_sampled(y, stride), tf.float32), (-1, channels)))
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


def _covariance(rows: Any) -> tuple[Any, Callable[[Any], Any]]:
    """Returns the (n, n) covariance of rows (count, n), and its gradient in one product instead of three passes.

    With centred rows X and the gradient U of the covariance XᵀX / count, the gradient of the rows is X (U + Uᵀ) /
    count. Its columns sum to zero, as those of X do, so the mean that was taken off adds nothing.
    """
    centred = rows - tf.reduce_mean(rows, axis=0)
    count = tf.cast(tf.shape(rows)[0], tf.float32)

    def gradient(upstream: Any) -> Any:
        return tf.matmul(centred, (upstream + tf.transpose(upstream)) / count)

    return tf.matmul(centred, centred, transpose_a=True) / count, gradient


def check_weight(weight: Any, where: str) -> float:
    """Returns a weight of a penalty.

    Raises:
        ConfigError: it is no finite number from 0.
    """
    if isinstance(weight, bool) or not isinstance(weight, int | float) or not math.isfinite(weight) or weight < 0:
        raise ConfigError(f"{where} is {weight!r}; allowed: a number from 0 (0: no penalty), such as 0.05")
    return float(weight)


def _sampled(y: Any, stride: int) -> Any:
    """Returns features (N, ..., n) at every stride-th place of each axis between images and channels."""
    if isinstance(stride, bool) or not isinstance(stride, int) or stride < 1:
        raise ConfigError(f"stride is {stride!r}; allowed: a whole number from 1 (1: every position)")
    if stride == 1 or y.shape.rank < 3:
        return y
    positions = (slice(None, None, stride),) * (y.shape.rank - 2)
    return y[(slice(None), *positions)]
