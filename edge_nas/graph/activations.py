"""What an activation costs in RAM in an int8 .tflite file: free where the operator before it takes it in.

TFLite's kernels end in ReLU or ReLU6 at no cost. Every other activation is one operator or several, and its tensors
are alive beside the one it reads: leaky ReLU, sigmoid and tanh write one; swish is LOGISTIC and MUL, so two.
"""

from typing import Any

import tf_keras

_layers = tf_keras.layers

_TENSORS = {
    **dict.fromkeys(("leaky_relu", "sigmoid", "hard_sigmoid", "tanh", "softmax", "softmax_v2", "softplus"), 1),
    **dict.fromkeys(("elu", "gelu", "exponential", "LeakyReLU", "PReLU", "ELU", "ReLU"), 1),
    **dict.fromkeys(("swish", "silu", "mish", "softsign", "ThresholdedReLU"), 2),
}
"""How many tensors the converter (TF 2.21) makes at once of an activation, its result included."""
_MOST = 3
"""Of selu; taken for functions that are not known here as well."""

ACTIVATIONS = (
    *(_layers.Activation, _layers.ReLU, _layers.LeakyReLU, _layers.PReLU, _layers.ELU, _layers.ThresholdedReLU),
)
"""Layers that are nothing but an activation."""


def is_linear(activation: Any) -> bool:
    """True where an activation (a layer of `ACTIVATIONS`, a function or None) changes nothing."""
    return activation is None or _name(activation) == "linear"


def is_fused(activation: Any) -> bool:
    """True for ReLU and ReLU6, which the operator before them computes on the way."""
    if isinstance(activation, _layers.ReLU):
        plain = not activation.negative_slope and not activation.threshold
        return plain and activation.max_value in (None, 6)
    return _name(activation) in ("relu", "relu6")


def tensors_of(activation: Any) -> int:
    """Returns how many tensors an activation of its own has alive beside its input, its result included: 1 to 3."""
    return 1 if is_fused(activation) else _TENSORS.get(_name(activation), _MOST)


def _name(activation: Any) -> str:
    if isinstance(activation, _layers.Activation):
        return _name(activation.activation)
    return getattr(activation, "__name__", type(activation).__name__)
