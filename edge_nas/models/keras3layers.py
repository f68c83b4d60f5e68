"""Layers and operations of Keras 3, each with its counterpart in tf_keras.

A layer is made anew by the tf_keras class of the same name from the settings both know. Operations (keras.ops) become
the layer that computes the same, where there is one, so that the quantization tools know them.
"""

import inspect
from collections.abc import Callable
from typing import Any

import tensorflow as tf
import tf_keras

from edge_nas.errors import GraphError

L = tf_keras.layers
_RENAMED = {("LeakyReLU", "negative_slope"): "alpha"}
# Settings that say how to compute on other hardware, how to begin training, or what the graph says already.
_LEFT_BEHIND = {
    *("dtype", "quantization_config", "lora_rank", "lora_alpha", "synchronized", "use_cudnn"),
    *("batch_shape", "zero_output_for_mask"),
}
_NO_DEFAULT = object()


class Counterparts:
    """The tf_keras layers made so far: one for each Keras 3 layer, however often it is called."""

    def __init__(self) -> None:
        self._pairs: dict[int, tuple[Any, Any]] = {}  # (theirs, ours) by the id of theirs, which it keeps alive
        self._names: set[str] = set()

    def free_name(self, wanted: str) -> str:
        """Returns a name that no layer has yet: the one that is wanted, or with a number behind."""
        name = wanted
        number = 0
        while name in self._names:
            number += 1
            name = f"{wanted}_{number}"
        self._names.add(name)
        return name

    def apply(self, operation: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        """Returns the tf_keras tensors that the counterpart of a layer or operation makes of tf_keras tensors.

        Raises:
            GraphError: there is no counterpart.
        """
        kind = type(operation).__name__
        if not type(operation).__module__.startswith("keras."):
            raise GraphError(
                f"layer {operation.name!r} ({kind}) is a Keras 3 layer of your own, which tf_keras cannot run: build "
                "the network with tf_keras, or of Keras' own layers"
            )
        given = {name: value for name, value in kwargs.items() if value is not None}
        is_layer = hasattr(operation, "add_weight")
        if is_layer:
            given.pop("training", None)
            return self._counterpart(operation)(*args, **given)
        convert = OPERATIONS.get(kind)
        if convert is None:
            raise GraphError(
                f"operation {operation.name!r} (keras.ops, {kind}) is not converted; converted are: "
                f"{', '.join(sorted(OPERATIONS))}"
            )
        return convert(operation, self.free_name(operation.name), *args, **given)

    def copy_weights(self) -> None:
        """Gives every counterpart the weights of its Keras 3 layer.

        Raises:
            GraphError: their number or shapes differ.
        """
        for theirs, ours in self._pairs.values():
            try:
                ours.set_weights(theirs.get_weights())
            except ValueError as error:
                raise GraphError(f"layer {theirs.name!r}: Keras 3 and tf_keras keep other weights: {error}") from error
            if hasattr(ours, "finalize_state"):  # Normalization computes with copies of its weights
                ours.finalize_state()

    def _counterpart(self, layer: Any) -> Any:
        """Returns the tf_keras layer of a Keras 3 layer, which is made at its first call."""
        if id(layer) not in self._pairs:
            self._pairs[id(layer)] = (layer, self._new(layer))
        return self._pairs[id(layer)][1]

    def _new(self, layer: Any) -> Any:
        kind = type(layer).__name__
        counterpart = getattr(L, kind, None)
        if counterpart is None:
            raise GraphError(f"layer {layer.name!r}: tf_keras has no {kind}; use a layer that both have")
        settings = _settings(layer, counterpart)
        if kind == "Lambda":  # only where the user trusts the file, or has written it
            settings["function"] = layer.function
        # A wrapper's layers get their weights through the wrapper.
        if "layer" in settings:
            settings["layer"] = self._new(getattr(layer, "forward_layer", None) or layer.layer)
        if "backward_layer" in settings:
            settings["backward_layer"] = self._new(layer.backward_layer)
        settings["name"] = self.free_name(layer.name)
        try:
            return counterpart(**settings)
        except (TypeError, ValueError) as error:
            raise GraphError(f"layer {layer.name!r} ({kind}): tf_keras does not take its settings: {error}") from error


def _settings(layer: Any, counterpart: type) -> dict[str, Any]:
    """Returns a Keras 3 layer's settings as its counterpart takes them.

    Raises:
        GraphError: one that changes what is computed has no place there.
    """
    kind = type(layer).__name__
    parameters, defaults = _parameters(counterpart), _parameters(type(layer))
    settings = {}
    for name, value in layer.get_config().items():
        if name in _LEFT_BEHIND or name.endswith("_initializer"):
            continue
        if _is_function(value) and kind != "Lambda":
            raise GraphError(f"layer {layer.name!r} ({kind}): {name} is a function of your own; use a layer for it")
        our_name = _RENAMED.get((kind, name), name)
        if our_name in parameters:
            settings[our_name] = value
        elif not _is_neutral(value, defaults.get(name, _NO_DEFAULT)):
            raise GraphError(f"layer {layer.name!r} ({kind}): tf_keras has no setting {name}={value!r}")
    return settings


def _is_function(value: Any) -> bool:
    return isinstance(value, dict) and value.get("class_name") in ("function", "__lambda__")


def _is_neutral(value: Any, default: Any) -> bool:
    """Whether a setting that tf_keras lacks may be dropped: it is off, or what Keras 3 does anyway."""
    return value in (None, False, "channels_last") or _listed(value) == _listed(default)


def _listed(value: Any) -> Any:
    """Returns tuples as the lists that configurations hold in their place."""
    return list(value) if isinstance(value, tuple) else value


def _parameters(kind: type) -> dict[str, Any]:
    """Returns the arguments of a class' constructor and of its bases', with their defaults."""
    defaults: dict[str, Any] = {"name": None, "trainable": True}
    for base in reversed(kind.__mro__):
        if "__init__" in vars(base) and base is not object:
            signature = inspect.signature(vars(base)["__init__"])
            defaults |= {parameter.name: parameter.default for parameter in signature.parameters.values()}
    return defaults


def _activation(function: str) -> Callable[..., Any]:
    return lambda _operation, name, x: L.Activation(function, name=name)(x)


def _pair(layer: Callable[..., Any], operator: Callable[[Any, Any], Any]) -> Callable[..., Any]:
    """Two feature maps of one shape: a layer, which can be pruned and quantized; else the bare operator."""

    def combine(_operation: Any, name: str, x1: Any, x2: Any) -> Any:
        are_tensors = hasattr(x1, "_keras_history") and hasattr(x2, "_keras_history")  # and no constants
        if are_tensors and tuple(x1.shape) == tuple(x2.shape):
            return layer(name=name)([x1, x2])
        return operator(x1, x2)

    return combine


def _reduce(function: Callable[..., Any], pooling: Callable[..., Any]) -> Callable[..., Any]:
    """A mean or maximum: over the area of a feature map the pooling layer, else the bare operator."""

    def reduce(operation: Any, name: str, x: Any) -> Any:
        axis, keepdims = operation.axis, bool(operation.keepdims)
        rank = len(x.shape)
        is_of_several = isinstance(axis, tuple | list)
        if rank == 4 and is_of_several and [one % rank for one in axis] == [1, 2]:
            return pooling(keepdims=keepdims, name=name)(x)
        return function(x, axis=axis, keepdims=keepdims)

    return reduce


def _elementwise(function: Callable[[Any], Any]) -> Callable[..., Any]:
    return lambda _operation, _name, x: function(x)


def _reshape(operation: Any, name: str, x: Any) -> Any:
    batch, *shape = operation.newshape
    if batch in (-1, None):
        return L.Reshape(tuple(shape), name=name)(x)
    return tf.reshape(x, (batch, *shape))


def _softmax(operation: Any, name: str, x: Any) -> Any:
    return L.Softmax(axis=operation.axis, name=name)(x)


def _leaky(operation: Any, name: str, x: Any) -> Any:
    return L.LeakyReLU(alpha=operation.negative_slope, name=name)(x)


def _concatenate(operation: Any, name: str, xs: Any) -> Any:
    return L.Concatenate(axis=operation.axis, name=name)(list(xs))


def _pad(operation: Any, _name: str, x: Any, constant_values: Any = None) -> Any:
    widths = [list(width) for width in operation.pad_width]
    return tf.pad(x, widths, mode=operation.mode.upper(), constant_values=constant_values or 0)


def _item(_operation: Any, _name: str, x: Any, key: Any) -> Any:
    return x[tuple(key) if isinstance(key, list) else key]


OPERATIONS: dict[str, Callable[..., Any]] = {
    "Add": _pair(L.Add, lambda a, b: a + b),
    "Subtract": _pair(L.Subtract, lambda a, b: a - b),
    "Multiply": _pair(L.Multiply, lambda a, b: a * b),
    "Maximum": _pair(L.Maximum, tf.maximum),
    "Minimum": _pair(L.Minimum, tf.minimum),
    "Divide": lambda _operation, _name, a, b: a / b,
    "TrueDivide": lambda _operation, _name, a, b: a / b,
    "Relu": lambda _operation, name, x: L.ReLU(name=name)(x),
    "Relu6": lambda _operation, name, x: L.ReLU(6.0, name=name)(x),
    "LeakyRelu": _leaky,
    "Softmax": _softmax,
    "Sigmoid": _activation("sigmoid"),
    "Tanh": _activation("tanh"),
    "HardSigmoid": lambda _operation, name, x: L.ReLU(6.0, name=name)(x + 3.0) * (1.0 / 6.0),
    "Silu": _activation("swish"),
    "Elu": lambda operation, name, x: L.ELU(alpha=operation.alpha, name=name)(x),
    "Selu": _activation("selu"),
    "Softplus": _activation("softplus"),
    "Softsign": _activation("softsign"),
    "Concatenate": _concatenate,
    "Reshape": _reshape,
    "Mean": _reduce(tf.reduce_mean, L.GlobalAveragePooling2D),
    "Max": _reduce(tf.reduce_max, L.GlobalMaxPooling2D),
    "Transpose": lambda operation, _name, x: tf.transpose(x, operation.axes),
    "Squeeze": lambda operation, _name, x: tf.squeeze(x, operation.axis),
    "ExpandDims": lambda operation, _name, x: tf.expand_dims(x, operation.axis),
    "Pad": _pad,
    "GetItem": _item,
    "ConvertToTensor": _elementwise(lambda x: x),
    "Cast": lambda operation, _name, x: tf.cast(x, operation.dtype),
    "StopGradient": _elementwise(tf.stop_gradient),
    "Abs": _elementwise(tf.abs),
    "Absolute": _elementwise(tf.abs),
    "Exp": _elementwise(tf.exp),
    "Log": _elementwise(tf.math.log),
    "Negative": _elementwise(tf.negative),
    "Sqrt": _elementwise(tf.sqrt),
    "Square": _elementwise(tf.square),
}
"""Keras 3 operation -> what makes the same of (operation, name, tensors); see `allowlist` for files."""
