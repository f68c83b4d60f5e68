"""Activation functions: which of them treat every channel alike, and what they cost in RAM in an int8 .tflite file.

TFLite's kernels end in ReLU or ReLU6 at no cost. Every other activation is one operator or several, and its tensors
are alive beside the one it reads: leaky ReLU, sigmoid and tanh write one; swish is LOGISTIC and MUL, so two.
"""

from typing import Any

import tensorflow as tf
import tf_keras

A, L = tf_keras.activations, tf_keras.layers
_CHANNELWISE = (
    A.linear, A.relu, A.elu, A.selu, A.gelu, A.swish, A.mish, A.sigmoid, A.hard_sigmoid, A.tanh, A.softplus, A.softsign,
    A.exponential, tf.nn.relu, tf.nn.relu6, tf.nn.leaky_relu, tf.nn.elu, tf.nn.selu, tf.nn.gelu, tf.nn.silu,
    tf.nn.softplus, tf.nn.softsign, tf.sigmoid, tf.tanh,
)  # fmt: skip
_CHANNELWISE_LAYERS = (
    L.ReLU, L.LeakyReLU, L.ELU, L.ThresholdedReLU,
)  # fmt: skip
_TENSORS = {
    **dict.fromkeys(("leaky_relu", "sigmoid", "hard_sigmoid", "tanh", "softmax", "softmax_v2", "softplus"), 1),
    **dict.fromkeys(("elu", "gelu", "exponential", "LeakyReLU", "PReLU", "ELU", "ReLU"), 1),
    **dict.fromkeys(("swish", "silu", "mish", "softsign", "ThresholdedReLU"), 2),
}
"""How many tensors the converter (TF 2.21) makes at once of an activation, its result included."""
_MOST = 3
"""Of selu; taken for functions that are not known here as well."""


def mixing_activation(layer: Any) -> str | None:
    """Returns why a layer's activation forbids the removal of channels, or None for one that treats each alike."""
    name = getattr(layer.activation, "__name__", type(layer.activation).__name__)
    if layer.activation in _CHANNELWISE or type(layer.activation) in _CHANNELWISE_LAYERS:
        return None
    return f"{layer.name} applies {name}, which may look across channels"


def is_linear(activation: Any) -> bool:
    """True where an activation (a layer that is one, a function or None) changes nothing."""
    return activation is None or _name(activation) == "linear"


def is_fused(activation: Any) -> bool:
    """True for ReLU and ReLU6, which the operator before them computes on the way."""
    if isinstance(activation, L.ReLU):
        plain = not activation.negative_slope and not activation.threshold
        return plain and activation.max_value in (None, 6)
    return _name(activation) in ("relu", "relu6")


def tensors_of(activation: Any) -> int:
    """Returns how many tensors an activation of its own has alive beside its input, its result included: 1 to 3."""
    return 1 if is_fused(activation) else _TENSORS.get(_name(activation), _MOST)


def _name(activation: Any) -> str:
    if isinstance(activation, L.Activation):
        return _name(activation.activation)
    return getattr(activation, "__name__", type(activation).__name__)
