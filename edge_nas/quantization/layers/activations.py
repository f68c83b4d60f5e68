"""Activations inside a layer that come to int8 as layers of their own only.

TFMOT 0.8.1's wrapper for activations stops at relu6 and leaky_relu, and quantizes swish behind a kernel only after it,
so that the kernel's own output stays in float. So does that of a transposed convolution without bias under a ReLU.
"""

from collections.abc import Callable, Sequence
from typing import Any

import tf_keras

from edge_nas.graph.substitute import Link

L = tf_keras.layers
_ALPHA = 0.2  # of tf_keras.activations.leaky_relu
_AS_LAYERS: dict[Callable[..., object], Callable[[str], tf_keras.layers.Layer]] = {
    tf_keras.activations.get("relu6"): lambda name: L.ReLU(max_value=6.0, name=name),
    tf_keras.activations.get("leaky_relu"): lambda name: L.LeakyReLU(alpha=_ALPHA, name=name),
    tf_keras.activations.get("swish"): lambda name: L.Activation("swish", name=name),
}


def chain(layer: tf_keras.layers.Layer) -> Sequence[Link] | None:
    """Returns the layer without its activation, then the activation as a layer of the old name."""
    activation = _separate_activation(layer)
    if activation is None:
        return None
    if type(layer) is L.Activation:
        is_already_alone = type(activation) is L.Activation
        return None if is_already_alone else [Link(activation)]
    linear = layer.get_config() | {"activation": "linear", "name": f"{layer.name}_linear"}
    return [Link(type(layer).from_config(linear), layer.get_weights()), Link(activation)]


def _separate_activation(layer: Any) -> tf_keras.layers.Layer | None:
    """Returns what is inside a layer as a layer of the same name; None where it can stay inside."""
    activation = getattr(layer, "activation", None)
    if type(layer) is L.Conv2DTranspose and activation is tf_keras.activations.relu:
        return L.ReLU(name=layer.name)
    if not callable(activation) or activation not in _AS_LAYERS:
        return None
    return _AS_LAYERS[activation](layer.name)
