"""Layers that several families are built of. Imports TensorFlow: families import it inside `network`."""

from typing import Any

import tf_keras

from edge_nas.models.layers import batchnorm

L = tf_keras.layers


def convolution(x: Any, width: int, kernel: int = 1, strides: int = 1, *, relu: bool = True) -> Any:
    """Returns a convolution with BatchNorm, and ReLU unless told otherwise, of a map (N, H, W, C)."""
    x = batchnorm()(L.Conv2D(width, kernel, strides=strides, padding="same", use_bias=False)(x))
    return L.ReLU()(x) if relu else x


def depthwise(x: Any, kernel: int = 3, strides: int = 1) -> Any:
    """Returns a depthwise convolution with BatchNorm and ReLU of a map (N, H, W, C)."""
    x = L.DepthwiseConv2D(kernel, strides=strides, padding="same", use_bias=False)(x)
    return L.ReLU()(batchnorm()(x))


def separable(x: Any, width: int, kernel: int = 3, strides: int = 1) -> Any:
    """Returns a depthwise and a 1x1 convolution, each with BatchNorm and ReLU (MobileNet, arXiv 1704.04861)."""
    return convolution(depthwise(x, kernel, strides), width)


def inverted(x: Any, width: int, expansion: int, kernel: int = 3, strides: int = 1) -> Any:
    """Returns an inverted residual: 1x1 to `expansion` times the channels, depthwise, linear 1x1 (arXiv 1801.04381).

    The input is added where shapes allow it.
    """
    channels = x.shape[-1]
    y = convolution(x, channels * expansion) if expansion > 1 else x
    y = convolution(depthwise(y, kernel, strides), width, relu=False)
    return L.Add()([x, y]) if strides == 1 and channels == width else y


def separable_signal(x: Any, width: int, kernel: int, strides: int = 1) -> Any:
    """Returns `separable` along the moments of a signal (N, moments, C)."""
    x = L.DepthwiseConv1D(kernel, strides=strides, padding="same", use_bias=False)(x)
    x = L.ReLU()(batchnorm()(x))
    return L.ReLU()(batchnorm()(L.Conv1D(width, 1, use_bias=False)(x)))
