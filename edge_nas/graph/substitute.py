"""Layers of a flat network exchanged for chains of other layers that compute the same."""

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np
import tf_keras

from edge_nas.graph.surgery import rebuild


class Link(NamedTuple):
    """One layer of a chain, not built yet, and its weights in the order of `get_weights`."""

    layer: tf_keras.layers.Layer
    weights: Sequence[np.ndarray] = ()


def substitute(model: tf_keras.Model, chain_for: Callable[[Any], Sequence[Link] | None]) -> tf_keras.Model:
    """Returns a network in which each layer that `chain_for` has an answer for is that chain.

    It is independent, unless it is the same: where there is no answer for any layer.

    Args:
        model: flat; not changed.
        chain_for: returns the chain that stands for a layer with one input and one output, None to keep the layer. The
            last link bears the layer's name, so that whatever reads the layer reads the chain; all names are unique.
    """
    chains: dict[str, Sequence[Link]] = {}
    weights: dict[str, Sequence[np.ndarray]] = {}
    classes: dict[str, type] = {}
    for layer in model.layers:
        chain = chain_for(layer)
        if chain is None:
            weights[layer.name] = layer.get_weights()
            continue
        chains[layer.name] = chain
        for link in chain:
            weights[link.layer.name] = link.weights
            classes[type(link.layer).__name__] = type(link.layer)
    if not chains:
        return model
    config = model.get_config()
    entries: list[dict[str, Any]] = []
    for entry in config["layers"]:
        entries += _chained(entry, chains[entry["name"]]) if entry["name"] in chains else [entry]
    config["layers"] = entries
    with tf_keras.utils.custom_object_scope(classes):
        substituted = rebuild(model, config)
    for layer in substituted.layers:
        if layer.weights:
            layer.set_weights(weights[layer.name])
    return substituted


def _chained(entry: dict[str, Any], links: Sequence[Link]) -> list[dict[str, Any]]:
    """Returns the chain in the form of a functional configuration; every call of the layer goes through all links."""
    inbound = entry["inbound_nodes"]
    entries: list[dict[str, Any]] = []
    for link in links:
        serialized = tf_keras.layers.serialize(link.layer)
        entries.append({**serialized, "name": link.layer.name, "inbound_nodes": inbound})
        # The next link reads this one, call by call.
        inbound = [[[link.layer.name, call, 0, {}]] for call in range(len(inbound))]
    return entries
