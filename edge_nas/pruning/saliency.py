"""First-order Taylor saliency: how much the loss would change without a channel."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import tensorflow as tf
import tf_keras

from edge_nas.core.arrays import Array
from edge_nas.core.jointinputs import NetworkInputs, fed
from edge_nas.errors import DataError
from edge_nas.graph.channels import ChannelGraph, ChannelGroup
from edge_nas.graph.walk import Call, layer_calls, output_keys
from edge_nas.tasks.task import OutputKind


def channel_saliency(
    model: tf_keras.Model,
    graph: ChannelGraph,
    inputs: NetworkInputs,
    labels: npt.NDArray[Any],
    batch: int,
    *,
    output_kind: OutputKind | None = None,
) -> dict[str, Array]:
    """Returns per free group the saliency (channels,) of its channels, from 0 up.

    The mean over images of (Σ_positions a · ∂loss/∂a)², where a is the channel as all of its readers see it: the gate
    form of Molchanov et al. 2019 (arXiv 1906.10771, equation 8).

    Args:
        model: flat network with one output.
        graph: its channel graph.
        inputs: (N, ...) float32.
        labels: (N, ...) masks in {0, 1} for one output channel, else integer classes.
        batch: images per backward pass.
        output_kind: of the output; "value": labels are values of its shape, and the loss is the squared error. None: as
            its width says.

    Raises:
        DataError: labels do not fit the inputs or the output.
    """
    if output_kind == "value":
        _check_values(model, inputs, labels)
    else:
        _check_classes(model, inputs, labels)
    readers: set[str] = set()
    for group in graph.free:
        readers.update(group.reader_layers)
    reader_calls = [call for call in layer_calls(model) if call.layer.name in readers]
    reader_inputs = [call.node.keras_inputs[0] for call in reader_calls]
    extractor = tf_keras.Model(model.inputs, [*reader_inputs, model.outputs[0]])
    in_probabilities = _ends_in_probabilities(model)
    totals = {group.name: np.zeros(group.channels) for group in graph.free}
    for start in range(0, len(inputs), batch):
        batch_labels = labels[start : start + batch]
        with tf.GradientTape() as tape:
            *activations, output = extractor(fed(inputs[start : start + batch]), training=False)
            # The sum, not the mean, so that an image's saliency does not depend on the others in its batch.
            if output_kind == "value":
                loss = _squared_error(output, batch_labels)
            else:
                loss = _cross_entropy(output, batch_labels, in_probabilities)
        gradients = tape.gradient(loss, activations, unconnected_gradients=tf.UnconnectedGradients.ZERO)
        effects = [_over_positions(a * g) for a, g in zip(activations, gradients, strict=True)]
        for group in graph.free:
            totals[group.name] += np.sum(_effect_of(group, reader_calls, effects) ** 2, axis=0)
    return {name: total / len(inputs) for name, total in totals.items()}


def _effect_of(group: ChannelGroup, reader_calls: Sequence[Call], effects: Sequence[Array]) -> Array:
    """Returns what removing each channel does to the loss to first order, over all readers, (images, channels).

    Args:
        group: of channels.
        reader_calls: calls of readers, of this group or others.
        effects: per call a · ∂loss/∂a of its input, summed over positions, (images, channels of the input).
    """
    effect = np.zeros((len(effects[0]), group.channels))
    for call, of_call in zip(reader_calls, effects, strict=True):
        if call.layer.name in group.reader_layers:
            effect += of_call[:, group.places(call.layer.name)].sum(axis=1)
    return effect


def _over_positions(values: Any) -> Array:
    """Returns the sum over all axes but the first and the last, (images, channels)."""
    summed: Array = tf.reduce_sum(values, axis=list(range(1, values.shape.rank - 1))).numpy().astype(np.float64)
    return summed


def _cross_entropy(output: Any, labels: npt.NDArray[Any], in_probabilities: bool) -> Any:
    """Returns the cross-entropy, averaged over the positions of an image and summed over images."""
    if output.shape[-1] == 1:
        truth = tf.reshape(tf.cast(labels, tf.float32), tf.shape(output))
        losses = tf_keras.losses.binary_crossentropy(truth, output, from_logits=not in_probabilities)
    else:
        losses = tf_keras.losses.sparse_categorical_crossentropy(labels, output, from_logits=not in_probabilities)
    return tf.reduce_sum(tf.reduce_mean(tf.reshape(losses, (tf.shape(output)[0], -1)), axis=1))


def _squared_error(output: Any, labels: npt.NDArray[Any]) -> Any:
    """Returns the squared error, averaged over the values of an image and summed over images."""
    errors = tf.square(output - tf.cast(labels, output.dtype))
    return tf.reduce_sum(tf.reduce_mean(tf.reshape(errors, (tf.shape(output)[0], -1)), axis=1))


def _ends_in_probabilities(model: tf_keras.Model) -> bool:
    """Returns whether the output has been through a sigmoid or softmax; otherwise it holds logits."""
    last = next(call.layer for call in layer_calls(model) if output_keys(model)[0] in call.outputs)
    activation = getattr(last, "activation", None)
    return isinstance(last, tf_keras.layers.Softmax) or activation in (
        tf_keras.activations.softmax,
        tf_keras.activations.sigmoid,
    )


def _check_values(model: tf_keras.Model, inputs: NetworkInputs, labels: npt.NDArray[Any]) -> None:
    needed = (len(inputs), *model.outputs[0].shape[1:])
    if tuple(labels.shape) != needed:
        raise DataError(f"labels have shape {tuple(labels.shape)}; allowed for this output and these images: {needed}")


def _check_classes(model: tf_keras.Model, inputs: NetworkInputs, labels: npt.NDArray[Any]) -> None:
    shape = tuple(model.outputs[0].shape)
    allowed = [(len(inputs), *shape[1:-1])]
    if shape[-1] == 1:
        # A mask may have the output's last axis of one channel, or lack it.
        allowed.append((len(inputs), *shape[1:]))
    if tuple(labels.shape) not in allowed:
        raise DataError(
            f"labels have shape {tuple(labels.shape)}; allowed for {len(inputs)} images and an output of shape "
            f"{shape}: {' or '.join(map(str, allowed))}"
        )
    classes = max(2, shape[-1])
    lowest, highest = labels.min(initial=0), labels.max(initial=0)
    if labels.dtype.kind not in "iub" or lowest < 0 or highest >= classes:
        raise DataError(
            f"labels are {labels.dtype} from {lowest} to {highest}; allowed: whole numbers from 0 to {classes - 1}"
        )
