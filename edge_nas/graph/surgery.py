"""Removing channels for real: the narrower network, and the masked one that it must equal."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import tf_keras
from tf_keras.src.saving.serialization_lib import SafeModeScope

from edge_nas.graph.channels import ChannelGraph
from edge_nas.layers import kind_of
from edge_nas.layers.spaces import width

Kept = Mapping[str, Sequence[int]]


def narrow(model: tf_keras.Model, graph: ChannelGraph, kept: Kept) -> tf_keras.Model:
    """Returns a new network that holds only the kept channels; `model` is not changed.

    Args:
        model: flat network, float.
        graph: its channel graph.
        kept: per group name the indices that are kept, ascending; of groups that are absent, all.

    Raises:
        GraphError: an index or a group that does not exist, or a frozen group.
    """
    graph.check(kept)
    config = model.get_config()
    weights: dict[str, list[Any]] = {}
    for entry in config["layers"]:
        layer = model.get_layer(entry["name"])
        channels = graph.layers[layer.name]
        if not any(graph.loses(layout, kept) for layout in (*channels.inputs, channels.output)):
            weights[layer.name] = layer.get_weights()
            continue
        inputs = [graph.kept_channels(layout, kept) for layout in channels.inputs]
        changes, weights[layer.name] = kind_of(layer).channels.narrow(
            layer, inputs, graph.kept_channels(channels.output, kept)
        )
        entry["config"].update(changes)
    narrowed = rebuild(model, config)
    for name, values in weights.items():
        if values:
            narrowed.get_layer(name).set_weights(values)
    return narrowed


def mask(model: tf_keras.Model, graph: ChannelGraph, kept: Kept) -> tf_keras.Model:
    """Returns a copy of `model` of full width whose readers ignore the removed channels (kernel rows of zeros).

    Layers that look across channels without reading them, such as LayerNormalization, look at the kept ones only.
    """
    graph.check(kept)

    def masked_layer(layer: Any) -> Any:
        layouts = graph.layers[layer.name].inputs
        if layouts and graph.loses(layouts[0], kept):
            masking = kind_of(layer).channels.masked(layer, graph.kept_channels(layouts[0], kept))
            if masking is not None:
                return masking
        return type(layer).from_config(layer.get_config())

    masked = tf_keras.models.clone_model(model, clone_function=masked_layer)
    masked.set_weights(model.get_weights())
    readers = {reader.layer for group in graph.groups for reader in group.readers}
    for name in readers:
        layout = graph.layers[name].inputs[0]
        removed = np.setdiff1d(np.arange(width(layout)), graph.kept_channels(layout, kept))
        if len(removed):
            layer = masked.get_layer(name)
            layer.set_weights(kind_of(layer).channels.ignore(layer, removed.tolist()))
    return masked


def rebuild(model: tf_keras.Model, config: dict[str, Any]) -> tf_keras.Model:
    """Returns a new network from a changed configuration of `model`, whose layer classes need not be registered.

    A Lambda is made anew from its function as well, which Keras refuses for files: here it is code that runs already.
    """
    for entry in config["layers"]:
        entry.pop("build_config", None)  # the size of before
    classes = {type(layer).__name__: type(layer) for layer in model.layers}
    with tf_keras.utils.custom_object_scope(classes), SafeModeScope(safe_mode=False):
        return tf_keras.Model.from_config(config)


def copy(model: tf_keras.Model) -> tf_keras.Model:
    """Returns an independent copy, weights included."""
    copied = tf_keras.models.clone_model(model)
    copied.set_weights(model.get_weights())
    return copied
