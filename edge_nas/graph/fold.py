"""BatchNorm folded into the convolution before it: what a deployed network computes, with fewer operators."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import tf_keras

from edge_nas.core.arrays import Floats
from edge_nas.graph.surgery import rebuild
from edge_nas.graph.walk import Call, batchnorm_after, layer_calls, output_keys
from edge_nas.layers.blocks import has_blocks, kernel_blocks, with_blocks
from edge_nas.layers.normalization import gain_and_shift


def fold_batchnorm(model: tf_keras.Model) -> tf_keras.Model:
    """Returns an equal network (up to rounding) in which each BatchNorm after a linear layer is part of that layer.

    With gain g = gamma / sqrt(moving_variance + epsilon): kernel' = kernel · g per output channel, bias' = beta +
    (bias − moving_mean) · g. A BatchNorm stays where its layer has an activation, another reader, or is called twice.
    """
    batchnorms = foldable(layer_calls(model), output_keys(model))
    layer_of = {batchnorm.name: layer for layer, batchnorm in batchnorms.items()}
    config = model.get_config()
    config["layers"] = [entry for entry in config["layers"] if entry["name"] not in layer_of]
    for entry in config["layers"]:
        if entry["name"] in batchnorms:
            entry["config"]["use_bias"] = True
        entry["inbound_nodes"] = _renamed(entry["inbound_nodes"], layer_of)
    for ends in ("input_layers", "output_layers"):
        config[ends] = _renamed(config[ends], layer_of)
    folded = rebuild(model, config)
    for layer in folded.layers:
        original = model.get_layer(layer.name)
        if layer.name in batchnorms:
            layer.set_weights(_folded_weights(original, batchnorms[layer.name]))
        elif layer.weights:
            layer.set_weights(original.get_weights())
    return folded


def foldable(calls: Sequence[Call], outputs: Sequence[str]) -> dict[str, Any]:
    """Returns the BatchNorm that can become part of a linear layer, by the layer's name."""
    batchnorms: dict[str, Any] = {}
    for call in calls:
        if not has_blocks(call.layer):
            continue
        batchnorm = batchnorm_after(call, calls, outputs)
        if batchnorm is not None:
            batchnorms[call.layer.name] = batchnorm
    return batchnorms


def _renamed(config: Any, layer_of: dict[str, str]) -> Any:
    """Returns the connections of a functional configuration with a folded BatchNorm's name replaced by its layer's."""
    if isinstance(config, dict):
        return {key: _renamed(value, layer_of) for key, value in config.items()}
    if isinstance(config, list | tuple):
        return [_renamed(value, layer_of) for value in config]
    return layer_of.get(config, config) if isinstance(config, str) else config


def _folded_weights(layer: Any, batchnorm: Any) -> list[Floats]:
    """Returns (kernel, bias) of the layer that computes both."""
    gain, shift = gain_and_shift(batchnorm)
    blocks = np.asarray(kernel_blocks(layer), np.float64)
    kernel = with_blocks(layer, blocks * gain.reshape(len(blocks), 1, -1))[0]
    bias = np.asarray(layer.get_weights()[1], np.float64) if layer.use_bias else 0.0
    return [kernel, bias * gain + shift]
