"""How far a network's answers are from the original's, on images without labels."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import tensorflow as tf
import tf_keras

from edge_nas.graph.walk import layer_calls, output_keys
from edge_nas.tasks.task import OutputKind

_BATCH = 32


class Answers:
    """What the original answers to some images, to be compared with.

    Args:
        model: flat network.
        images: (N, ...) float32.
        output_kind: what every output is; None: as the last layer and the width of each say.
    """

    def __init__(
        self, model: tf_keras.Model, images: npt.NDArray[np.float32], output_kind: OutputKind | None = None
    ) -> None:
        self._kinds = [_kind(model, key) if output_kind is None else output_kind for key in output_keys(model)]
        self._original = [tf.constant(output) for output in answers_of(model, images)]

    def loss(self, outputs: Sequence[Any]) -> float:
        """Returns the mean over outputs of how far they are from the original's, from 0 up.

        One logit or sigmoid per position: cross-entropy of the original's probabilities, less their own entropy. A
        softmax or its logits: the same over classes. Others: squared error as a share of the original's variance.
        """
        pairs = zip(self._kinds, self._original, outputs, strict=True)
        return float(np.mean([float(_DISTANCES[kind](wanted, seen)) for kind, wanted, seen in pairs]))


def answers_of(model: tf_keras.Model, images: npt.NDArray[np.float32]) -> list[npt.NDArray[np.float32]]:
    """Returns the outputs of a flat network for (N, ...) float32 images."""
    parts = [
        tf.nest.flatten(model(images[start : start + _BATCH], training=False))
        for start in range(0, len(images), _BATCH)
    ]
    return [np.concatenate([tensor.numpy() for tensor in tensors]) for tensors in zip(*parts, strict=True)]


def _kind(model: tf_keras.Model, key: str) -> str:
    """Returns what an output means, by its last layer and its width."""
    call = next(call for call in layer_calls(model) if key in call.outputs)
    activation = getattr(call.layer, "activation", None)
    if isinstance(call.layer, tf_keras.layers.Softmax) or activation is tf_keras.activations.softmax:
        return "softmax"
    if activation is tf_keras.activations.sigmoid:
        return "sigmoid"
    return "logit" if call.output_shapes[call.outputs.index(key)][-1] == 1 else "value"


def _of_logits(wanted: Any, seen: Any) -> Any:
    target = tf.sigmoid(wanted)
    cross, own = (tf.nn.sigmoid_cross_entropy_with_logits(labels=target, logits=x) for x in (seen, wanted))
    return tf.reduce_mean(cross - own)


def _of_softmax_logits(wanted: Any, seen: Any) -> Any:
    return _of_softmaxes(tf.nn.softmax(wanted), tf.nn.softmax(seen))


def _of_sigmoids(wanted: Any, seen: Any) -> Any:
    return tf.reduce_mean(_divergence(wanted, seen) + _divergence(1.0 - wanted, 1.0 - seen))


def _of_softmaxes(wanted: Any, seen: Any) -> Any:
    return tf.reduce_mean(tf.reduce_sum(_divergence(wanted, seen), axis=-1))


def _divergence(wanted: Any, seen: Any) -> Any:
    least = 1e-7
    return wanted * (tf.math.log(tf.maximum(wanted, least)) - tf.math.log(tf.maximum(seen, least)))


def _of_values(wanted: Any, seen: Any) -> Any:
    variance = tf.math.reduce_variance(wanted)
    return tf.reduce_mean(tf.square(wanted - seen)) / tf.maximum(variance, np.finfo(np.float32).tiny)


_DISTANCES = {
    "logit": _of_logits,
    "logits": _of_softmax_logits,
    "sigmoid": _of_sigmoids,
    "softmax": _of_softmaxes,
    "value": _of_values,
}
