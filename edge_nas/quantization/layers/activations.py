"""Activations inside a layer that come to int8 as layers of their own only.

TFMOT 0.8.1's wrapper for activations stops at relu6 and leaky_relu, and quantizes swish behind a kernel only after it,
so that the kernel's own output stays in float. So does that of a transposed convolution without bias under a ReLU.
"""

from collections.abc import Callable, Sequence

import tf_keras

from edge_nas.graph.substitute import Link

L = tf_keras.layers
_ALPHA = 0.2  # of tf_keras.activations.leaky_relu
_FORMS: dict[Callable[..., object], Callable[[str], tf_keras.layers.Layer]] = {
    tf_keras.activations.get("relu6"): lambda name: L.ReLU(max_value=6.0, name=name),
    tf_keras.activations.get("leaky_relu"): lambda name: L.LeakyReLU(alpha=_ALPHA, name=name),
    tf_keras.activations.get("swish"): lambda name: L.Activation("swish", name=name),
}


def _relu(name: str) -> tf_keras.layers.Layer:
    return L.ReLU(name=name)


def chain(layer: tf_keras.layers.Layer) -> Sequence[Link] | None:
    """Returns the layer without its activation, then the activation as a layer of the old name."""
    activation = getattr(layer, "activation", None)
    form = _FORMS.get(activation) if callable(activation) else None
    if type(layer) is L.Conv2DTranspose and activation is tf_keras.activations.relu:
        form = _relu
    if form is None:
        return None
    alone = form(layer.name)
    if type(layer) is L.Activation:
        return None if type(alone) is L.Activation else [Link(alone)]
    config = layer.get_config() | {"activation": "linear", "name": f"{layer.name}_linear"}
    return [Link(type(layer).from_config(config), layer.get_weights()), Link(alone)]
