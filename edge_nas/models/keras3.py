"""Keras 3 networks as tf_keras networks, which the quantization tools need: the graph is walked, weights are copied.

    model = convert(keras.Sequential([keras.Input((48, 64, 3)), keras.layers.Conv2D(1, 1)]))

tf_keras reads neither Keras 3's files nor its configurations (2.21), so nothing is handed over but the graph: the
model's own `call` runs on symbolic tensors, what holds other layers is followed inside, and every layer and operation
that is met gets its counterpart, see `keras3layers`. That the two compute the same is tried on random numbers.
"""

import math
import os
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import tf_keras

os.environ.setdefault("KERAS_BACKEND", "tensorflow")
import keras

from edge_nas.errors import GraphError, ModelWarning
from edge_nas.models.keras3h5 import name_parts
from edge_nas.models.keras3layers import Counterparts
from edge_nas.models.limits import check_activations

LAYER = keras.layers.Layer
TOLERANCE = 1e-5
"""Largest difference allowed between the two outputs, as a share of the largest output. A choice: one rounding in
float32 is 6e-8 and they add up over layers, while another computation is off by far more."""
_HALF_TOLERANCE = 0.05
"""The same for a network of half precision, whose counterpart is of float32: one rounding to bfloat16 is 0.4 %."""

_UNKNOWN_LENGTH = 64  # of an axis without a fixed size, when equality is tried: it can be halved six times


def load(path: Path, own: dict[str, Any], *, trust: bool) -> Any:
    """Returns what Keras 3 makes of a file; give it only one that was vetted."""
    if path.suffix == ".h5":
        own = own | name_parts(path)
    return keras.saving.load_model(path, custom_objects=own, compile=False, safe_mode=not trust)


def is_keras3(model: Any) -> bool:
    """Returns whether this is a network of Keras 3."""
    return isinstance(model, keras.Model)


def convert(model: Any) -> tf_keras.Model:
    """Returns a tf_keras network with the layers, names, weights and output of a Keras 3 network.

    Functional, sequential and subclassed networks, nested or not. Layers that hold other layers dissolve into them.
    Half precision becomes float32. Warns (`ModelWarning`) of augmentation inside the network, which is left out.

    Raises:
        GraphError: it was never built, a layer or operation has no counterpart, or the outputs differ by more than
            `TOLERANCE`; the message names the layer.
        ArtifactError: a layer's output is too large to be computed.
    """
    if not is_keras3(model):
        raise GraphError(f"a {type(model).__name__} of Keras 3 is no network; a keras.Model is expected")
    inputs = _inputs(model)
    try:
        with _followed_inside():
            outputs = model(inputs)
    except (TypeError, ValueError, AttributeError, RuntimeError) as error:
        raise GraphError(f"model {model.name!r} cannot be called on symbolic tensors: {error}") from error
    converted = _converted(inputs, outputs, model.name)
    _check_equal(model, inputs, converted)
    return converted


def _converted(inputs: Any, outputs: Any, name: str) -> tf_keras.Model:
    """Returns the tf_keras network of the counterparts of all nodes between symbolic tensors of Keras 3."""
    counterparts = Counterparts()
    tensors: dict[int, Any] = {}  # of tf_keras, by the id of the Keras 3 tensor they stand for

    def translated(value: Any) -> Any:
        return tensors[id(value)] if isinstance(value, keras.KerasTensor) else value

    for tensor in keras.tree.flatten(inputs):
        free_name = counterparts.free_name(tensor.name)
        tensors[id(tensor)] = tf_keras.Input(tensor.shape[1:], name=free_name, dtype=tensor.dtype)
    nodes = _in_order(keras.tree.flatten(outputs), inputs=set(tensors))
    check_activations((node.operation.name, tensor.shape) for node in nodes for tensor in node.outputs)
    for node in nodes:
        args, kwargs = keras.tree.map_structure(translated, (node.arguments.args, node.arguments.kwargs))
        results = keras.tree.flatten(counterparts.apply(node.operation, args, kwargs))
        for theirs, ours in zip(node.outputs, results, strict=True):
            tensors[id(theirs)] = ours
    converted = tf_keras.Model(
        keras.tree.map_structure(translated, inputs), keras.tree.map_structure(translated, outputs), name=name
    )
    counterparts.copy_weights()
    if counterparts.left_out:
        warnings.warn(
            f"left out of the network, since they act in training only: {', '.join(counterparts.left_out)}",
            ModelWarning,
            stacklevel=2,
        )
    return converted


def _inputs(model: Any) -> Any:
    """Returns fresh inputs in the structure that the model is called with."""

    def fresh(tensor: Any) -> Any:
        name = tensor._keras_history.operation.name
        return keras.Input(batch_shape=tensor.shape, dtype=tensor.dtype, name=name)

    is_built = bool(getattr(model, "inputs", None))  # functional, or sequential and built
    if is_built and isinstance(model, keras.Sequential):
        return fresh(model.inputs[0])
    if is_built:
        # As it was built: a list of one input is not the same as one input.
        return keras.tree.map_structure(fresh, model._inputs_struct)
    shapes = list((getattr(model, "_build_shapes_dict", None) or {}).values())
    if len(shapes) != 1 or not all(size is None or isinstance(size, int) for size in shapes[0]):
        raise GraphError(
            f"model {model.name!r} (Keras 3): the shape of its one input is unknown; call it once, such as "
            "model(numpy.zeros((1, 48, 64, 3))), before it is handed over"
        )
    return keras.Input(shapes[0][1:], name="image")


@contextmanager
def _followed_inside() -> Iterator[None]:
    """Lets a network or block run its `call` where it would become one node, so that only leaves become nodes."""
    original = LAYER.__call__

    def call(layer: Any, *args: Any, **kwargs: Any) -> Any:
        if not _holds_layers(layer):
            return original(layer, *args, **kwargs)
        return layer.call(*args, **{name: value for name, value in kwargs.items() if value is not None})

    LAYER.__call__ = call
    try:
        yield
    finally:
        LAYER.__call__ = original


def _holds_layers(layer: Any) -> bool:
    """Whether a layer is made of others: a network, or a class of the user; Keras' own wrappers count as leaves."""
    if isinstance(layer, keras.Model):
        return True
    is_of_keras = type(layer).__module__.startswith("keras.")
    return not is_of_keras and bool(layer._layers)


def _in_order(outputs: list[Any], inputs: set[int]) -> list[Any]:
    """Returns the nodes that the outputs follow from, each after those it reads.

    A depth-first search in postorder, without recursion, since networks are deeper than Python's stack may be.

    Args:
        outputs: symbolic tensors.
        inputs: ids of the network's inputs, where the search ends.
    """
    order: list[Any] = []
    ordered: set[int] = set()
    stack = [(node, False) for node in _nodes_of(outputs, inputs)]
    while stack:
        node, are_sources_ordered = stack.pop()
        if id(node) in ordered:
            continue
        if are_sources_ordered:
            ordered.add(id(node))
            order.append(node)
            continue
        stack.append((node, True))
        stack.extend((source, False) for source in _nodes_of(node.input_tensors, inputs))
    return order


def _nodes_of(tensors: Sequence[Any], inputs: set[int]) -> list[Any]:
    """Returns the nodes that make these tensors, inputs apart, the last first: a stack then gives the first first."""
    return [_node(tensor) for tensor in reversed(tensors) if id(tensor) not in inputs]


def _node(tensor: Any) -> Any:
    history = tensor._keras_history
    node = history.operation._inbound_nodes[history.node_index]
    if node.is_input:
        raise GraphError(f"the output depends on {tensor.name!r}, which is none of the network's inputs")
    return node


def _check_equal(model: Any, inputs: Any, converted: tf_keras.Model) -> None:
    """Raises GraphError where the two networks differ on random inputs."""
    generator = np.random.default_rng(0)

    def draw(tensor: Any) -> Any:
        shape = (2, *(size or _UNKNOWN_LENGTH for size in tensor.shape[1:]))
        if "int" in tensor.dtype:
            return generator.integers(0, 2, shape).astype(tensor.dtype)
        return generator.uniform(-1.0, 1.0, shape).astype(np.float32)

    sample = keras.tree.map_structure(draw, inputs)
    is_half = any(layer.compute_dtype in ("float16", "bfloat16") for layer in model._flatten_layers())
    tolerance = _HALF_TOLERANCE if is_half else TOLERANCE
    expected_outputs = keras.tree.flatten(model(sample, training=False))
    outputs = keras.tree.flatten(converted(sample, training=False))
    for theirs, ours in zip(expected_outputs, outputs, strict=True):
        expected = np.asarray(keras.ops.convert_to_numpy(keras.ops.cast(theirs, "float32")), np.float64)
        scale = float(np.max(np.abs(expected), initial=0.0))
        difference = float(np.max(np.abs(expected - np.asarray(ours, np.float64)), initial=0.0))
        if not difference <= tolerance * scale or math.isnan(scale):
            raise GraphError(
                f"model {model.name!r}: the network converted from Keras 3 differs by {difference:g} on random input "
                f"(largest output {scale:g}, allowed share {tolerance:g}); does `call` use random numbers, or weights "
                "that belong to no layer?"
            )
