"""Which residual blocks a network can do without: those whose output is nearly a linear map of their input.

Behind a block the next layers are solved anew. Where y = A x + b says nearly all of the block's output y by its input
x, they can take A into their kernels, and the block is not missed. What no linear map recovers is
ρ = 1 − tr(Σyx Σxx⁻¹ Σxy) / tr Σyy, from 0, all is linear, to 1.
"""

from collections.abc import Mapping, Sequence

import numpy as np
import tensorflow as tf
import tf_keras

from edge_nas.core.arrays import Array
from edge_nas.core.jointinputs import NetworkInputs, fed
from edge_nas.covariance.statistics import StreamingCovariance
from edge_nas.graph.residuals import ResidualBlock
from edge_nas.graph.walk import layer_calls

_BATCH = 32  # images per forward pass: bounds memory
# Beside the mean variance of x: a channel that never varies has no inverse.
_RIDGE = 1e-6


def unrecovered_shares(
    model: tf_keras.Model, blocks: Sequence[ResidualBlock], inputs: NetworkInputs
) -> Mapping[str, float]:
    """Returns ρ of each block by its name, in [0, 1], over all positions of some inputs (N, ...) float32."""
    calls = {call.layer.name: call for call in layer_calls(model)}
    tensors = []
    for block in blocks:
        node = calls[block.name].node
        # Keras has the Add's inputs in the order of its list.
        tensors += [node.keras_inputs[block.shortcut], tf.nest.flatten(node.outputs)[0]]
    if not tensors:
        return {}
    extractor = tf_keras.Model(model.inputs, tensors)
    statistics = [StreamingCovariance(2 * int(tensor.shape[-1])) for tensor in tensors[::2]]
    for start in range(0, len(inputs), _BATCH):
        activations = tf.nest.flatten(extractor(fed(inputs[start : start + _BATCH]), training=False))
        for number, statistic in enumerate(statistics):
            pair = [activation.numpy() for activation in activations[2 * number : 2 * number + 2]]
            statistic.update(np.concatenate(pair, axis=-1))
    return {block.name: unrecovered(each.covariance()) for block, each in zip(blocks, statistics, strict=True)}


def unrecovered(covariance: Array) -> float:
    """Returns ρ from the covariance (2 n, 2 n) of [x | y]; 0 where y never varies."""
    channels = len(covariance) // 2
    own, cross = covariance[:channels, :channels], covariance[:channels, channels:]
    total = float(np.trace(covariance[channels:, channels:]))
    if total <= 0.0:
        return 0.0
    loading = _RIDGE * float(np.trace(own)) / channels + np.finfo(float).tiny
    recovered = float(np.trace(cross.T @ np.linalg.solve(own + loading * np.eye(channels), cross)))
    return min(1.0, max(0.0, 1.0 - recovered / total))
