"""Sums, products, maxima and minima of more than two tensors, as layers of two inputs one behind the other.

TFMOT 0.8.1 quantizes what comes out of such a layer; the converter makes operators of two inputs of it, and what lies
between them stays in float.
"""

from typing import Any

import tf_keras

from edge_nas.graph.surgery import rebuild

L = tf_keras.layers
_KINDS = (L.Add, L.Multiply, L.Maximum, L.Minimum)
_PAIR = 2


def pairwise(model: tf_keras.Model) -> tf_keras.Model:
    """Returns an equal network, independent unless it is the same, in which these layers have two inputs each."""
    long = {layer.name for layer in model.layers if type(layer) in _KINDS and inputs_of(layer) > _PAIR}
    if not long:
        return model
    config = model.get_config()
    entries: list[dict[str, Any]] = []
    for entry in config["layers"]:
        entries += _pairs(entry) if entry["name"] in long else [entry]
    config["layers"] = entries
    result = rebuild(model, config)
    for layer in result.layers:
        if layer.weights:
            layer.set_weights(model.get_layer(layer.name).get_weights())
    return result


def inputs_of(layer: tf_keras.layers.Layer) -> int:
    """Returns the most tensors that a call of the layer joins."""
    return max((len(node.keras_inputs) for node in layer.inbound_nodes), default=0)


def _pairs(entry: dict[str, Any]) -> list[dict[str, Any]]:
    """Returns the layers in the form of a functional configuration; the last bears the name.

    Of a sum of a, b and c: (a + b) as `name_1`, then (name_1 + c) as `name`; each for every call of the layer.
    """
    calls = entry["inbound_nodes"]
    last = len(calls[0]) - 1
    entries: list[dict[str, Any]] = []
    before = ""
    for index in range(1, last + 1):
        name = entry["name"] if index == last else f"{entry['name']}_{index}"
        nodes = []
        for number, call in enumerate(calls):
            first = call[0] if index == 1 else [before, number, 0, {}]
            nodes.append([first, call[index]])
        entries.append({**entry, "name": name, "config": {**entry["config"], "name": name}, "inbound_nodes": nodes})
        before = name
    return entries
