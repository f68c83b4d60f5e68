"""Any Keras model as a flat functional graph of leaf layers.

    flat = flatten(Nano_U(), (48, 64, 3))      # functional: every inner layer has .input and .output

The model's own `call` runs once on symbolic tensors. While it runs, a layer that holds other layers does not become a
node: its `call` is followed inside; only leaves become nodes, named after their place in the model, such as
`encoder_0_depthwise`.
tf.nn calls become layers (see `lowering`). The result shares nothing with the original; a `mirror` is such a copy that
can be brought up to date while the original is trained. What a model holds for its training alone is left behind, see
`training_only`.
"""

import re
import warnings
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
import tensorflow as tf
import tf_keras

from edge_nas.errors import GraphError, ModelWarning
from edge_nas.graph.equivalents import equivalent_of
from edge_nas.graph.probes import ProbedTensor
from edge_nas.graph.tracing import Trace, plain_name
from edge_nas.graph.training_only import in_float32, is_half, weights_of_training

Shape = tuple[int | None, ...]
InputShape = Shape | list[Shape] | dict[str, Shape]

_HALF_TOLERANCE = 0.05
"""Largest difference allowed between a model of half precision and its float32 copy, as a share of the largest output.
A choice: one rounding to bfloat16's 8 bits is 0.4 % and they add up over layers; another computation is off by more."""
_REGROUPED_TOLERANCE = 1e-5
"""The same for a model with einsums, whose sums a Dense or a product of matrices may take in another order."""


@dataclass(frozen=True)
class Mirror:
    """A flat copy of a model, what the model's probes see in it, and the way to follow the model's weights.

    `pairs`: (variable of the model, variable of the copy). `probed`: tensors of the copy, in the order of the calls.
    """

    flat: tf_keras.Model
    probed: tuple[ProbedTensor, ...]
    pairs: tuple[tuple[Any, Any], ...]

    @property
    def detached(self) -> "Mirror":
        """The copy on its own, for one that is trained itself: it follows the model no more."""
        return replace(self, pairs=())

    def refresh(self) -> None:
        """Gives the copy the model's present weights."""
        self._assign()

    @cached_property
    def _assign(self) -> Any:
        def assign() -> None:
            for original, copy in self.pairs:
                copy.assign(tf.reshape(tf.cast(original, copy.dtype), copy.shape))

        return tf.function(assign, autograph=False)  # one call instead of some hundred


def flatten(model: tf_keras.Model, input_shape: InputShape | None = None) -> tf_keras.Model:
    """Returns an independent functional model of leaf layers with the same output, bit for bit, and the same weights.

    Where products of matrices stand for einsums, as in attention, sums may differ in their last bits.
    Of a model that computes in half precision the copy computes in float32. Warns (`ModelWarning`) of augmentation
    inside the model, which is left out.

    Args:
        model: any tf_keras model: subclassed, functional, sequential, nested.
        input_shape: (H, W, C), without the batch; a list or dict of shapes for a model that takes a list or dict.
            May be left out where the model already knows its input.

    Raises:
        GraphError: the model cannot be flattened without changing what it computes: Python control flow on tensor
            values, weights owned by a layer that holds other layers, a branch taken only in training. The message
            names the layer and what to do.
    """
    return mirror(model, input_shape).flat


def mirror(model: tf_keras.Model, input_shape: InputShape | None = None, *, watches: bool = False) -> Mirror:
    """Returns the flat copy that `flatten` makes, with its ties to the model; arguments and errors are the same.

    With `watches` it is not told what is left out: the copy looks on while the model itself is trained and kept.
    """
    inputs = _make_inputs(model, input_shape)
    sample = _sample(inputs)
    expected = _call(model, sample)  # before the trace, so that Keras itself has built every layer
    with _quiet_originals() as touched:
        trace = Trace(training=None, touched=touched)
        outputs = trace.run(model, inputs)
        branches = Trace(training=True, touched=touched)
        branches.run(model, inputs)
        _refuse_training_branches(trace, branches)
        traced = _connect(model, inputs, outputs)
        _refuse_lost_weights(model, traced)
        half = is_half(model)
        flat = _copy(traced, in_float32 if half else lambda config: config)
        probed = tuple(probe._replace(tensor=_counterpart(probe, traced, flat)) for probe in trace.probed)
        layers = [layer for layer in traced.layers if layer.weights]
        pairs = [
            pair for layer in layers for pair in zip(layer.weights, flat.get_layer(layer.name).weights, strict=True)
        ]
    _check_equal(model.name, expected, flat(sample, training=False), _tolerance(trace, half=half))
    if not watches:
        _tell_left_out(trace)
    return Mirror(flat, probed, tuple(pairs))


def _make_inputs(model: tf_keras.Model, input_shape: InputShape | None) -> Any:
    shape = input_shape if input_shape is not None else _known_shape(model)
    names = list(model.input_names) if getattr(model, "_is_graph_network", False) else None
    if isinstance(shape, dict):
        return {name: tf_keras.Input(tuple(s), name=name) for name, s in shape.items()}
    if isinstance(shape, list):
        return [tf_keras.Input(tuple(s), name=names[i] if names else f"input_{i}") for i, s in enumerate(shape)]
    return tf_keras.Input(tuple(shape), name=names[0] if names else "image")


def _known_shape(model: tf_keras.Model) -> InputShape:
    try:
        shape = model.input_shape
    except (AttributeError, RuntimeError):
        shape = getattr(model, "_build_input_shape", None)
    if shape is None:
        raise GraphError(
            f"model {model.name!r} has never been built, so its input shape is unknown: "
            "give flatten the shape, for example input_shape=(48, 64, 3)"
        )
    if isinstance(shape, Mapping):
        return {name: tuple(s[1:]) for name, s in shape.items()}
    if isinstance(shape, list):
        return [tuple(s[1:]) for s in shape]
    return tuple(shape[1:])


@contextmanager
def _quiet_originals() -> Iterator[dict[int, Any]]:
    """Lets a trace rename and connect the model's layers, and puts names and connections back afterwards."""
    touched: dict[int, tuple[Any, str, list[Any], list[Any]]] = {}
    try:
        yield touched
    finally:
        for layer, name, inbound, outbound in touched.values():
            layer._name = name
            layer._inbound_nodes_value = inbound
            layer._outbound_nodes_value = outbound


def _refuse_training_branches(inference: Trace, training: Trace) -> None:
    if inference.leaves == training.leaves:
        return
    different = [a for a, b in zip(inference.leaves, training.leaves, strict=False) if a != b]
    extra = set(training.leaves) ^ set(inference.leaves)
    owner = sorted(place for place, _ in extra) or [place for place, _ in different] or ["the model itself"]
    raise GraphError(
        f"{owner[0] or 'the model itself'}: `call` takes another path in training than in inference "
        f"(layers on one path only: {', '.join(sorted(name for _, name in extra)) or 'the order differs'}). "
        "A flat graph has one path: use a layer that acts only in training, such as Dropout, instead of `if training:`"
    )


def _connect(model: tf_keras.Model, inputs: Any, outputs: Any) -> tf_keras.Model:
    try:
        return tf_keras.Model(inputs, outputs, name=plain_name(model))
    except (ValueError, TypeError) as error:
        raise GraphError(
            f"model {model.name!r}: its output does not follow from its input through layers: {error}"
        ) from error


def _refuse_lost_weights(model: tf_keras.Model, traced: tf_keras.Model) -> None:
    kept = {id(weight) for weight in traced.weights} | weights_of_training(model)
    lost = [weight for weight in model.weights if id(weight) not in kept]
    if lost:
        raise GraphError(
            f"model {model.name!r}: {len(lost)} weights do not appear in the flat graph: "
            f"{', '.join(weight.name for weight in lost[:5])}. A weight that a model, or a layer that holds other "
            "layers, creates and uses itself has no place there: move it into a layer of its own; remove layers that "
            "`call` does not use"
        )


def _tell_left_out(trace: Trace) -> None:
    if trace.left_out:
        names = dict.fromkeys(f"{layer.name} ({type(layer).__name__})" for layer in trace.left_out)
        warnings.warn(
            f"left out of the network, since they act in training only: {', '.join(names)}; a build augments by "
            "train.augmentation",
            ModelWarning,
            stacklevel=2,
        )


def _copy(traced: tf_keras.Model, adapted: Callable[[Any], Any]) -> tf_keras.Model:
    """Returns the traced network made anew of its layers' configurations, `adapted`, and their weights."""

    def copied(layer: Any) -> Any:
        _refuse_own_activation(layer)
        simpler = equivalent_of(layer, adapted)
        return type(layer).from_config(adapted(layer.get_config())) if simpler is None else simpler

    try:
        flat = tf_keras.models.clone_model(traced, clone_function=copied)
    except (NotImplementedError, TypeError) as error:
        raise GraphError(
            f"model {traced.name!r}: a custom layer cannot be copied; give it a `get_config` that returns the "
            f"arguments of its constructor ({error})"
        ) from error
    for layer in traced.layers:
        if layer.weights:
            counterpart = flat.get_layer(layer.name)
            pairs = zip(layer.get_weights(), counterpart.weights, strict=True)
            counterpart.set_weights([weight.reshape(variable.shape) for weight, variable in pairs])
    return flat


def _refuse_own_activation(layer: Any) -> None:
    """Refuses a layer whose activation no configuration can name, before Keras shows the bytes of its code."""
    activation = getattr(layer, "activation", None)
    name = getattr(activation, "__name__", None)
    if name is None or isinstance(activation, tf_keras.layers.Layer):
        return
    try:
        # Keras would put the code of a lambda into the configuration; of tf.nn.relu it finds its own relu.
        is_found = name != "<lambda>" and callable(tf_keras.activations.get(tf_keras.activations.serialize(activation)))
    except (ValueError, TypeError):
        is_found = False
    if not is_found:
        raise GraphError(
            f"layer {layer.name!r} ({type(layer).__name__}): its activation {name} is a function of yours, which no "
            "copy of the network can name; use a layer of Keras behind it, or give the function a name by def and "
            "@tf_keras.utils.register_keras_serializable()"
        )


def _counterpart(probe: ProbedTensor, traced: tf_keras.Model, flat: tf_keras.Model) -> Any:
    """Returns the tensor of the copy that stands where the probe's tensor stands in the traced network."""
    if len(tf.nest.flatten(probe.tensor)) > 1:
        raise GraphError(f"Probe {probe.label!r} is given several tensors; give each a probe of its own")
    history = tf.nest.flatten(probe.tensor)[0]._keras_history
    nodes = traced._network_nodes  # tf_keras 2.21 numbers nodes "<layer>_ib-<index>", and anew in a copy
    if f"{history.layer.name}_ib-{history.node_index}" not in nodes:
        raise GraphError(f"Probe {probe.label!r} sees a tensor from which the model's output does not follow; move it")
    index = sum(f"{history.layer.name}_ib-{earlier}" in nodes for earlier in range(history.node_index))
    node = flat.get_layer(history.layer.name)._inbound_nodes[index]
    return tf.nest.flatten(node.outputs)[history.tensor_index]


def _sample(inputs: Any) -> Any:
    """Returns two random values in [-1, 1] for every input, in the structure of the inputs."""
    rng = np.random.default_rng(0)

    def draw(tensor: Any) -> Any:
        values = rng.uniform(-1, 1, (2, *(size or 8 for size in tensor.shape[1:])))
        return tf.constant(values.astype(tensor.dtype.as_numpy_dtype))

    return tf.nest.map_structure(draw, inputs)


def _call(model: tf_keras.Model, sample: Any) -> Any:
    try:
        # Some layers of tf_keras 2.21, such as RandomFlip, act as in training unless they are told otherwise.
        return model(sample, training=False)
    except (TypeError, ValueError, AttributeError, tf.errors.OpError) as error:
        shapes = tf.nest.map_structure(lambda tensor: tuple(tensor.shape[1:]), sample)
        raise GraphError(
            f"model {model.name!r} cannot be called on inputs of shape {shapes}: {_reason(error)}"
        ) from error


_NODE = re.compile(r"\{\{function_node \S+\}\} ?| ?\[Op:\w+\] name: ?")
"""Around the message of TensorFlow's kernels: where in the process they ran, which is no place of the user's."""


def _reason(error: Exception) -> str:
    """Returns what Keras says went wrong, on one line, without which layer was called with which tensors around it."""
    said = _NODE.sub("", str(error).split("Call arguments received", 1)[0])
    lines = [line.strip() for line in said.splitlines() if not line.startswith("Exception encountered when calling")]
    return " ".join(filter(None, lines)) or " ".join(str(error).split())


def _tolerance(trace: Trace, *, half: bool) -> float:
    """Returns by how much outputs of the flat network may differ from the model's, as a share of the largest."""
    if half:
        return _HALF_TOLERANCE
    return _REGROUPED_TOLERANCE if trace.regrouped else 0.0


def _check_equal(name: str, expected: Any, computed: Any, tolerance: float) -> None:
    """Equality is proven on random numbers, not only argued from structure; `tolerance` is a share of the largest."""
    for a, b in zip(tf.nest.flatten(expected), tf.nest.flatten(computed), strict=True):
        if np.array_equal(a.numpy(), b.numpy(), equal_nan=True):
            continue
        worst = float(np.max(np.abs(np.asarray(a, np.float64) - np.asarray(b, np.float64))))
        if not worst <= tolerance * float(np.max(np.abs(np.asarray(a, np.float64)))):
            raise GraphError(
                f"model {name!r}: the flat graph differs from the model by up to {worst:g} on random input; "
                "does `call` use random numbers or state outside its layers?"
            )
