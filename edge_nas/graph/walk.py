"""A flat functional network as the sequence of its layer calls (the one place that reads tf_keras' nodes)."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import tensorflow as tf
import tf_keras

from edge_nas.errors import GraphError
from edge_nas.layers import kind_of
from edge_nas.layers.normalization import BATCHNORM
from edge_nas.layers.rules import on_last_axis


@dataclass(frozen=True)
class Call:
    """One call of a layer: the keys of the tensors that go in and come out, and their shapes (batch None first)."""

    layer: tf_keras.layers.Layer
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    output_shapes: tuple[tuple[int | None, ...], ...]
    node: Any

    def run(self, values: dict[str, Any]) -> list[Any]:
        """Returns the call's outputs in inference, given the tensors that go in by key."""
        # Keras takes tensors out of a list, one for each time that the call reads them.
        tensors = {key: [values[key]] * len(self.inputs) for key in self.inputs}
        args, kwargs = self.node.map_arguments(tensors)
        if getattr(self.layer, "_expects_training_arg", False):
            kwargs = {**kwargs, "training": False}
        return list(tf.nest.flatten(self.layer(*args, **kwargs)))


def layer_calls(model: tf_keras.Model) -> tuple[Call, ...]:
    """Returns the calls of a functional network in an order in which each can run; input layers come first.

    Raises:
        GraphError: the model is not functional.
    """
    if not getattr(model, "_is_graph_network", False):
        raise GraphError(
            f"model {model.name!r} ({type(model).__name__}) is not a flat graph: use edge_nas.graph.flatten"
        )
    calls = []
    for depth in sorted(model._nodes_by_depth, reverse=True):
        for node in model._nodes_by_depth[depth]:
            outputs = tf.nest.flatten(node.outputs)
            inputs = () if node.is_input else _keys(node.keras_inputs)
            shapes = tuple(tuple(tensor.shape) for tensor in outputs)
            calls.append(Call(node.layer, inputs, _keys(outputs), shapes, node))
    return tuple(calls)


def input_keys(model: tf_keras.Model) -> tuple[str, ...]:
    """Returns the keys of the network's inputs."""
    return _keys(model.inputs)


def output_keys(model: tf_keras.Model) -> tuple[str, ...]:
    """Returns the keys of the network's outputs."""
    return _keys(model.outputs)


def _keys(tensors: Iterable[Any]) -> tuple[str, ...]:
    return tuple(str(id(tensor)) for tensor in tensors)


def batchnorm_after(call: Call, calls: Sequence[Call], outputs: Sequence[str]) -> tf_keras.layers.Layer | None:
    """Returns the BatchNorm over channels that alone sees what a linear layer computes, else None.

    Both must be called once: a gain or shift moved from one into the other then reaches nobody else.

    Args:
        call: of a layer with an `activation`.
        calls: all of the network.
        outputs: keys of the network's outputs.
    """
    if call.layer.activation is not tf_keras.activations.linear:
        return None
    readers = [other.layer for other in calls if call.outputs[0] in other.inputs]
    if len(readers) != 1 or call.outputs[0] in outputs:
        return None
    batchnorm = readers[0]
    if kind_of(batchnorm) is not BATCHNORM or not on_last_axis(batchnorm):
        return None
    times_called = Counter(id(other.layer) for other in calls)
    if times_called[id(call.layer)] > 1 or times_called[id(batchnorm)] > 1:
        return None
    return batchnorm
