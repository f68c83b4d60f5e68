"""Blocks as Keras layers with untrained weights. Imports TensorFlow: families import it inside `network`."""

from collections.abc import Sequence
from typing import Any

import tf_keras

from edge_nas.models.layers import batchnorm
from edge_nas.search.families.blocks import Blocks, Sizes

L = tf_keras.layers

_SIGNAL_RANK = 2  # moments and channels, without the batch


class KerasBlocks(Blocks[Any]):
    """See `Blocks`; tensors are Keras'."""

    def __init__(self, input_shape: Sequence[int]) -> None:
        self.input = L.Input(tuple(input_shape))

    def shape(self, x: Any) -> tuple[int, ...]:
        """Returns it without the batch."""
        return tuple(x.shape[1:])

    def as_map(self, x: Any) -> Any:
        """Returns a Reshape."""
        return L.Reshape((*x.shape[1:], 1))(x)

    def convolution(self, x: Any, width: int, kernel: Sizes = 1, strides: Sizes = 1, *, relu: bool = True) -> Any:
        """Returns a Conv2D, or along moments a Conv1D, with BatchNorm."""
        kind = L.Conv1D if self._is_signal(x) else L.Conv2D
        x = batchnorm()(kind(width, kernel, strides=strides, padding="same", use_bias=False)(x))
        return L.ReLU()(x) if relu else x

    def depthwise(self, x: Any, kernel: int = 3, strides: int = 1) -> Any:
        """Returns a DepthwiseConv2D, or along moments a DepthwiseConv1D, with BatchNorm and ReLU."""
        kind = L.DepthwiseConv1D if self._is_signal(x) else L.DepthwiseConv2D
        x = kind(kernel, strides=strides, padding="same", use_bias=False)(x)
        return L.ReLU()(batchnorm()(x))

    def logits(self, x: Any, outputs: int) -> Any:
        """Returns a Conv2D of one tap."""
        return L.Conv2D(outputs, 1, padding="same")(x)

    def dense(self, x: Any, outputs: int) -> Any:
        """Returns a Dense."""
        return L.Dense(outputs)(x)

    def mean(self, x: Any, *, keep: bool = False) -> Any:
        """Returns a global average pooling."""
        kind = L.GlobalAveragePooling1D if self._is_signal(x) else L.GlobalAveragePooling2D
        return kind(keepdims=keep)(x)

    def max_pool(self, x: Any) -> Any:
        """Returns a MaxPooling2D, or along moments a MaxPooling1D."""
        return (L.MaxPooling1D if self._is_signal(x) else L.MaxPooling2D)(2)(x)

    def add(self, a: Any, b: Any) -> Any:
        """Returns an Add."""
        return L.Add()([a, b])

    def upsample(self, x: Any, factors: tuple[int, int] = (2, 2)) -> Any:
        """Returns an UpSampling2D."""
        return L.UpSampling2D(factors)(x)

    def bilinear(self, x: Any, factor: int) -> Any:
        """Returns an UpSampling2D that interpolates."""
        return L.UpSampling2D(factor, interpolation="bilinear")(x)

    def _is_signal(self, x: Any) -> bool:
        return len(self.shape(x)) == _SIGNAL_RANK
