"""BatchNorm folded into the convolution before it: what a deployed network computes, with fewer operators."""

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
    pairs = _pairs(layer_calls(model), output_keys(model))
    folded = {batchnorm.name: layer.name for layer, batchnorm in pairs}
    config = model.get_config()
    for entry in config["layers"]:
        if entry["name"] in folded.values():
            entry["config"]["use_bias"] = True
    config["layers"] = [entry for entry in config["layers"] if entry["name"] not in folded]
    for entry in config["layers"]:
        entry["inbound_nodes"] = _renamed(entry["inbound_nodes"], folded)
    for ends in ("input_layers", "output_layers"):
        config[ends] = _renamed(config[ends], folded)
    result = rebuild(model, config)
    batchnorms = {layer.name: batchnorm for layer, batchnorm in pairs}
    for layer in result.layers:
        if layer.name in batchnorms:
            layer.set_weights(_folded_weights(model.get_layer(layer.name), batchnorms[layer.name]))
        elif layer.weights:
            layer.set_weights(model.get_layer(layer.name).get_weights())
    return result


def _pairs(calls: tuple[Call, ...], outputs: tuple[str, ...]) -> list[tuple[Any, Any]]:
    """Returns (linear layer, BatchNorm) for every BatchNorm that can be folded."""
    layers = [call for call in calls if has_blocks(call.layer)]
    pairs = [(call.layer, batchnorm_after(call, calls, outputs)) for call in layers]
    return [(layer, batchnorm) for layer, batchnorm in pairs if batchnorm is not None]


def _renamed(config: Any, folded: dict[str, str]) -> Any:
    """Returns the connections of a functional configuration with a folded BatchNorm's name replaced by its layer's."""
    if isinstance(config, dict):
        return {key: _renamed(value, folded) for key, value in config.items()}
    if isinstance(config, list | tuple):
        return [_renamed(value, folded) for value in config]
    return folded.get(config, config) if isinstance(config, str) else config


def _folded_weights(layer: Any, batchnorm: Any) -> list[Floats]:
    """Returns (kernel, bias) of the layer that computes both."""
    gain, shift = gain_and_shift(batchnorm)
    blocks = np.asarray(kernel_blocks(layer), np.float64)
    kernel = with_blocks(layer, blocks * gain.reshape(len(blocks), 1, -1))[0]
    bias = np.asarray(layer.get_weights()[1], np.float64) if layer.use_bias else 0.0
    return [kernel, bias * gain + shift]
