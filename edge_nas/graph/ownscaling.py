"""Networks that scale pixels themselves, as most tutorials and several of keras.applications do.

    Rescaling(1 / 255) ── Conv2D ── ...        wants bytes as they are, 0 to 255

uint8 images are scaled to [-1, 1] everywhere in edge-nas; such a network would scale them once more, to nothing.
"""

import warnings
from typing import Any

import numpy as np
import tf_keras

from edge_nas.errors import ModelWarning
from edge_nas.graph.walk import Call, input_keys, layer_calls

_LARGEST_INPUT = 20.0
"""What first subtracts or divides by more than this was made for bytes, not for values of [-1, 1] or [0, 1]."""
_DIVIDES = ("math.truediv", "__operators__.truediv", "math.divide")
_TIMES = ("math.multiply", "__operators__.mul", "__operators__.rmul")


def warn_if_scaled_twice(network: tf_keras.Model, *, are_scaled: bool) -> None:
    """Warns (`ModelWarning`) where images were scaled to [-1, 1] for a network that expects bytes.

    Args:
        network: flat.
        are_scaled: whether they were.
    """
    layer = scaling_layer(network)
    if are_scaled and layer is not None:
        warnings.warn(
            f"network {network.name!r} scales pixels itself (layer {layer!r}), and uint8 images were scaled to [-1, 1] "
            "before it: give float32 pixels of 0 to 255, images.astype('float32'); in a build set data.scale=[0, 255]",
            ModelWarning,
            stacklevel=3,
        )


def scaling_layer(network: tf_keras.Model) -> str | None:
    """Returns the name of the layer that first scales bytes down, where the flat network begins with one."""
    keys = set(input_keys(network))
    for call in layer_calls(network):
        if call.inputs and keys.issuperset(call.inputs) and _scales_bytes(call):
            return str(call.layer.name)
    return None


def _scales_bytes(call: Call) -> bool:
    layer: Any = call.layer
    if isinstance(layer, tf_keras.layers.Rescaling):
        return bool(np.max(np.abs(layer.scale)) < 1 / _LARGEST_INPUT)
    if isinstance(layer, tf_keras.layers.Normalization):
        return bool(np.max(np.abs(np.asarray(layer.mean))) > _LARGEST_INPUT)
    symbol = getattr(layer, "symbol", None)
    arguments = (*call.node.call_args, *call.node.call_kwargs.values())
    numbers = [abs(float(value)) for value in arguments if _is_number(value)]
    if symbol in _DIVIDES:
        return any(number > _LARGEST_INPUT for number in numbers)
    return symbol in _TIMES and any(0 < number < 1 / _LARGEST_INPUT for number in numbers)


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float | np.number)
