"""What the networks here are made of: two composite layers that hold inner layers, and checks of widths."""

from collections.abc import Sequence
from typing import Any

import tf_keras

from edge_nas.errors import ConfigError

BATCHNORM_MOMENTUM = 0.9
"""For those who train these networks with Keras alone: its default of 0.99 needs some 500 steps to forget its start.
Training here takes the statistics anew, whatever the momentum (design note 22)."""


def batchnorm() -> tf_keras.layers.BatchNormalization:
    """Returns a BatchNormalization that settles within a short training run."""
    return tf_keras.layers.BatchNormalization(momentum=BATCHNORM_MOMENTUM)


def require_widths(model: str, widths: Sequence[int], least: int) -> None:
    """Raises ConfigError where a network of this name is given fewer widths than it has parts."""
    if len(widths) < least:
        raise ConfigError(f"{model}: widths needs at least {least} numbers; seen {list(widths)}")


class DepthwiseSepConv(tf_keras.layers.Layer):
    """Depthwise 3x3 or of another size, BatchNorm, ReLU, pointwise 1x1, BatchNorm, ReLU (MobileNet, arXiv 1704.04861).

    Maps (N, H, W, C) to (N, ceil(H / strides), ceil(W / strides), width).
    """

    def __init__(self, width: int, strides: int = 1, kernel: int = 3, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.depthwise = tf_keras.layers.DepthwiseConv2D(kernel, strides=strides, padding="same", use_bias=False)
        self.depthwise_bn = batchnorm()
        self.depthwise_relu = tf_keras.layers.ReLU()
        self.pointwise = tf_keras.layers.Conv2D(width, 1, use_bias=False)
        self.pointwise_bn = batchnorm()
        self.pointwise_relu = tf_keras.layers.ReLU()

    def call(self, x: Any) -> Any:
        """Returns the block's output for x (N, H, W, C) float32."""
        x = self.depthwise_relu(self.depthwise_bn(self.depthwise(x)))
        return self.pointwise_relu(self.pointwise_bn(self.pointwise(x)))


class TripleConv(tf_keras.layers.Layer):
    """Three times: depthwise 3x3, BatchNorm, pointwise 1x1, BatchNorm, ReLU. Maps (N, H, W, C) to (N, H, W, width)."""

    def __init__(self, width: int, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.blocks = [
            [
                tf_keras.layers.DepthwiseConv2D(3, padding="same", use_bias=False),
                batchnorm(),
                tf_keras.layers.Conv2D(width, 1, use_bias=False),
                batchnorm(),
                tf_keras.layers.ReLU(),
            ]
            for _ in range(3)
        ]

    def call(self, x: Any) -> Any:
        """Returns the block's output for x (N, H, W, C) float32."""
        for block in self.blocks:
            for layer in block:
                x = layer(x)
        return x
