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
    """Returns an independent network in which each layer that `chain_for` has an answer for is that chain.

    Args:
        model: flat; not changed.
        chain_for: returns the chain that stands for a layer with one input and one output, None to keep the layer. The
            last link bears the layer's name, so that whatever reads the layer reads the chain; all names are unique.
    """
    chains = {layer.name: links for layer in model.layers if (links := chain_for(layer)) is not None}
    config = model.get_config()
    config["layers"] = [
        made
        for entry in config["layers"]
        for made in (_chained(entry, chains[entry["name"]]) if entry["name"] in chains else [entry])
    ]
    classes = {type(link.layer).__name__: type(link.layer) for links in chains.values() for link in links}
    with tf_keras.utils.custom_object_scope(classes):
        result = rebuild(model, config)
    weights = {link.layer.name: link.weights for links in chains.values() for link in links}
    weights |= {layer.name: layer.get_weights() for layer in model.layers if layer.name not in chains}
    for layer in result.layers:
        if layer.weights:
            layer.set_weights(weights[layer.name])
    return result


def _chained(entry: dict[str, Any], links: Sequence[Link]) -> list[dict[str, Any]]:
    """Returns the chain in the form of a functional configuration; every call of the layer goes through all links."""
    inbound = entry["inbound_nodes"]
    entries = []
    for link in links:
        made = tf_keras.layers.serialize(link.layer)
        entries.append({**made, "name": link.layer.name, "inbound_nodes": inbound})
        inbound = [[[link.layer.name, call, 0, {}]] for call in range(len(inbound))]
    return entries
