"""Activation functions: which of them treat every channel alike."""

from typing import Any

import tensorflow as tf
import tf_keras

A = tf_keras.activations
_CHANNELWISE = (
    A.linear, A.relu, A.elu, A.selu, A.gelu, A.swish, A.mish, A.sigmoid, A.hard_sigmoid, A.tanh, A.softplus, A.softsign,
    A.exponential, tf.nn.relu, tf.nn.relu6, tf.nn.leaky_relu, tf.nn.elu, tf.nn.selu, tf.nn.gelu, tf.nn.silu,
    tf.nn.softplus, tf.nn.softsign, tf.sigmoid, tf.tanh,
)  # fmt: skip
_CHANNELWISE_LAYERS = (
    tf_keras.layers.ReLU, tf_keras.layers.LeakyReLU, tf_keras.layers.ELU, tf_keras.layers.ThresholdedReLU,
)  # fmt: skip


def mixing_activation(layer: Any) -> str | None:
    """Returns why a layer's activation forbids the removal of channels, or None for one that treats each alike."""
    name = getattr(layer.activation, "__name__", type(layer.activation).__name__)
    if layer.activation in _CHANNELWISE or type(layer.activation) in _CHANNELWISE_LAYERS:
        return None
    return f"{layer.name} applies {name}, which may look across channels"
