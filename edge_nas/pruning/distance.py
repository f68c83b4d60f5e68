"""How far a network's outputs are from the original's, on images without labels.

Under a budget, candidates are compared by this distance: 0 where a network puts out exactly what the original does.
"""

from collections.abc import Callable, Sequence
from typing import Any, Literal

import numpy as np
import tensorflow as tf
import tf_keras

from edge_nas.core.arrays import Inputs
from edge_nas.core.jointinputs import NetworkInputs, fed
from edge_nas.graph.walk import layer_calls, output_keys
from edge_nas.tasks.task import OutputKind

Tensor = Any
LastLayerKind = Literal["logit", "sigmoid", "softmax", "value"]
"""What the last layer and the width of an output tell: less than a task knows, which has "logits" for a softmax's."""

# Images per forward pass: bounds the memory that activations take, the outputs do not depend on it.
_BATCH = 32

# Below this, about the spacing of float32 numbers at 1, a probability counts as this: its logarithm stays finite.
_LEAST_PROBABILITY = 1e-7


class OutputDistance:
    """The distance of a network's outputs for some images from what the original puts out for them.

    Args:
        original: flat network.
        images: (N, ...) float32.
        output_kind: what every output is; None: as the last layer and the width of each say.
    """

    def __init__(self, original: tf_keras.Model, images: NetworkInputs, output_kind: OutputKind | None = None) -> None:
        self._expected = [tf.constant(output) for output in outputs_of(original, images)]
        self._distances: list[Callable[[Tensor, Tensor], Tensor]] = []
        for key in output_keys(original):
            kind = _kind_by_last_layer(original, key) if output_kind is None else output_kind
            self._distances.append(_DISTANCES[kind])

    def of(self, outputs: Sequence[Any]) -> float:
        """Returns the mean over a network's outputs of how far each is from the original's, from 0 up.

        Args:
            outputs: one array or tensor per output, for the same images.

        One logit or sigmoid per position: the Kullback-Leibler divergence of the probabilities from the original's. A
        softmax or its logits: the same over classes. Others: squared error as a share of the original's variance.
        """
        compared = zip(self._distances, self._expected, outputs, strict=True)
        return float(np.mean([float(distance(expected, output)) for distance, expected, output in compared]))


def outputs_of(network: tf_keras.Model, images: NetworkInputs) -> list[Inputs]:
    """Returns the outputs of a flat network for (N, ...) float32 images, one array per output."""
    batches = []
    for start in range(0, len(images), _BATCH):
        outputs = tf.nest.flatten(network(fed(images[start : start + _BATCH]), training=False))
        batches.append([output.numpy() for output in outputs])
    return [np.concatenate(of_all_batches) for of_all_batches in zip(*batches, strict=True)]


def _kind_by_last_layer(network: tf_keras.Model, key: str) -> LastLayerKind:
    """Returns what an output is, by its last layer and its width."""
    call = next(call for call in layer_calls(network) if key in call.outputs)
    activation = getattr(call.layer, "activation", None)
    if isinstance(call.layer, tf_keras.layers.Softmax) or activation is tf_keras.activations.softmax:
        return "softmax"
    if activation is tf_keras.activations.sigmoid:
        return "sigmoid"
    channels = call.output_shapes[call.outputs.index(key)][-1]
    return "logit" if channels == 1 else "value"


def _between_sigmoid_logits(expected: Tensor, output: Tensor) -> Tensor:
    # The divergence is the cross-entropy less the entropy of the expected probabilities themselves. From logits both
    # are computed without a logarithm of a rounded probability.
    probabilities = tf.sigmoid(expected)
    cross_entropy = tf.nn.sigmoid_cross_entropy_with_logits(labels=probabilities, logits=output)
    entropy = tf.nn.sigmoid_cross_entropy_with_logits(labels=probabilities, logits=expected)
    return tf.reduce_mean(cross_entropy - entropy)


def _between_sigmoids(expected: Tensor, output: Tensor) -> Tensor:
    return tf.reduce_mean(_divergence(expected, output) + _divergence(1.0 - expected, 1.0 - output))


def _between_softmax_logits(expected: Tensor, output: Tensor) -> Tensor:
    return _between_softmaxes(tf.nn.softmax(expected), tf.nn.softmax(output))


def _between_softmaxes(expected: Tensor, output: Tensor) -> Tensor:
    return tf.reduce_mean(tf.reduce_sum(_divergence(expected, output), axis=-1))


def _divergence(expected: Tensor, output: Tensor) -> Tensor:
    """Returns one outcome's part of the Kullback-Leibler divergence, p log(p / q)."""
    log_expected = tf.math.log(tf.maximum(expected, _LEAST_PROBABILITY))
    log_output = tf.math.log(tf.maximum(output, _LEAST_PROBABILITY))
    return expected * (log_expected - log_output)


def _between_values(expected: Tensor, output: Tensor) -> Tensor:
    variance = tf.math.reduce_variance(expected)
    return tf.reduce_mean(tf.square(expected - output)) / tf.maximum(variance, np.finfo(np.float32).tiny)


_DISTANCES: dict[OutputKind | LastLayerKind, Callable[[Tensor, Tensor], Tensor]] = {
    "logit": _between_sigmoid_logits,
    "logits": _between_softmax_logits,
    "sigmoid": _between_sigmoids,
    "softmax": _between_softmaxes,
    "value": _between_values,
}
