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
    wide = {layer.name for layer in model.layers if type(layer) in _KINDS and inputs_of(layer) > _PAIR}
    if not wide:
        return model
    config = model.get_config()
    config["layers"] = [
        made for entry in config["layers"] for made in (_pairs(entry) if entry["name"] in wide else [entry])
    ]
    result = rebuild(model, config)
    for layer in result.layers:
        if layer.weights:
            layer.set_weights(model.get_layer(layer.name).get_weights())
    return result


def inputs_of(layer: tf_keras.layers.Layer) -> int:
    """Returns the most tensors that a call of the layer joins."""
    return max((len(node.keras_inputs) for node in layer.inbound_nodes), default=0)


def _pairs(entry: dict[str, Any]) -> list[dict[str, Any]]:
    """Returns the layers in the form of a functional configuration; the last bears the name."""
    calls = entry["inbound_nodes"]
    count = len(calls[0])
    entries = []
    before = ""
    for step in range(1, count):
        name = entry["name"] if step == count - 1 else f"{entry['name']}_{step}"
        nodes = [[call[0] if step == 1 else [before, number, 0, {}], call[step]] for number, call in enumerate(calls)]
        entries.append({**entry, "name": name, "config": {**entry["config"], "name": name}, "inbound_nodes": nodes})
        before = name
    return entries
