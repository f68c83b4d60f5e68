"""tf calls on symbolic tensors as Keras layers, where a layer computes the same bits.

Keras wraps a call such as tf.nn.relu(x) into a TFOpLambda node. TFMOT refuses those, and a channel graph cannot read
them, so each known one is replaced by a layer. The table maps Keras' canonical symbol to a rule; a rule returns None
for arguments that no layer stands for, and the node then stays what it is (exact, but neither pruned nor quantized).
"""

import math
from collections.abc import Callable
from typing import Any

import tf_keras
from tf_keras.src.engine.keras_tensor import KerasTensor

Lowered = tuple[tf_keras.layers.Layer, tuple[Any, ...], dict[str, Any]]
Rule = Callable[..., "tuple[tf_keras.layers.Layer, Any] | None"]

_RULES: dict[str, Rule] = {}


def lower(layer: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Lowered | None:
    """Returns (layer, args, kwargs) that compute what the TFOpLambda `layer` would, or None where there is no such."""
    rule = _RULES.get(layer.symbol.removeprefix("compat.v1."))
    if rule is None:
        return None
    try:
        lowered = rule(*args, **{key: value for key, value in kwargs.items() if key != "name"})
    except TypeError:  # arguments the rule has no parameter for: no layer stands for this call
        return None
    if lowered is None:
        return None
    new_layer, inputs = lowered
    return new_layer, (inputs,), {}


def known_sizes(args: tuple[Any, ...], kwargs: dict[str, Any]) -> tuple[tuple[Any, ...], dict[str, Any]]:
    """Returns a call's arguments with numbers in the place of sizes that are known, such as `tf.shape(x)[1:3]`."""

    def known(value: Any) -> Any:
        sizes = getattr(value, "_inferred_value", None) if isinstance(value, KerasTensor) else None
        if sizes is None or None in sizes:
            return value
        return list(sizes) if value.shape.rank else sizes[0]

    def within(value: Any) -> Any:
        if isinstance(value, list | tuple):
            return type(value)(within(one) for one in value)
        return known(value)

    return tuple(within(value) for value in args), {key: within(value) for key, value in kwargs.items()}


def operator_name(symbol: str) -> str:
    """Returns what a node of this operator is called: `nn_relu`, `add`."""
    return symbol.replace("__operators__.", "").replace(".", "_")


def _rule(*symbols: str) -> Callable[[Rule], Rule]:
    """Returns a decorator that enters a rule for these symbols."""

    def add(rule: Rule) -> Rule:
        for symbol in symbols:
            _RULES[symbol] = rule
        return rule

    return add


@_rule("nn.relu")
def _relu(features: Any) -> Any:
    return tf_keras.layers.ReLU(), features


@_rule("nn.relu6")
def _relu6(features: Any) -> Any:
    return tf_keras.layers.ReLU(6.0), features


@_rule("nn.leaky_relu")
def _leaky_relu(features: Any, alpha: float = 0.2) -> Any:  # the default of tf.nn.leaky_relu
    return tf_keras.layers.LeakyReLU(alpha), features


@_rule("math.sigmoid", "nn.sigmoid")
def _sigmoid(x: Any) -> Any:
    return tf_keras.layers.Activation("sigmoid"), x


@_rule("math.tanh", "nn.tanh")
def _tanh(x: Any) -> Any:
    return tf_keras.layers.Activation("tanh"), x


@_rule("nn.softmax")
def _softmax(logits: Any, axis: int = -1) -> Any:
    return tf_keras.layers.Softmax(axis if axis is not None else -1), logits


def _two_tensors(x: Any, y: Any) -> bool:
    """True where both are symbolic and of one shape: a merge layer does not broadcast the way the operator does."""
    return isinstance(x, KerasTensor) and isinstance(y, KerasTensor) and tuple(x.shape) == tuple(y.shape)


@_rule("__operators__.add", "math.add")
def _add(x: Any, y: Any) -> Any:
    return (tf_keras.layers.Add(), [x, y]) if _two_tensors(x, y) else None


@_rule("math.subtract")
def _subtract(x: Any, y: Any) -> Any:
    return (tf_keras.layers.Subtract(), [x, y]) if _two_tensors(x, y) else None


@_rule("math.multiply")
def _multiply(x: Any, y: Any) -> Any:
    return (tf_keras.layers.Multiply(), [x, y]) if _two_tensors(x, y) else None


@_rule("math.maximum")
def _maximum(x: Any, y: Any) -> Any:
    return (tf_keras.layers.Maximum(), [x, y]) if _two_tensors(x, y) else None


@_rule("concat")
def _concat(values: Any, axis: int) -> Any:
    tensors = all(isinstance(value, KerasTensor) for value in values) and len(values) > 1
    return (tf_keras.layers.Concatenate(axis), list(values)) if tensors else None


@_rule("math.reduce_mean")
def _reduce_mean(input_tensor: Any, axis: Any = None, keepdims: bool = False) -> Any:
    over_map = axis is not None and not isinstance(axis, int) and sorted(axis) == [1, 2]
    if not over_map or input_tensor.shape.rank != 4:
        return None
    return tf_keras.layers.GlobalAveragePooling2D(keepdims=bool(keepdims)), input_tensor


@_rule("nn.max_pool2d", "nn.max_pool")
def _max_pool(input: Any, ksize: Any, strides: Any, padding: str) -> Any:  # noqa: A002 - tf.nn's own name
    size, stride = _pair(ksize), _pair(strides)
    if size is None or stride is None or padding not in ("SAME", "VALID") or input.shape.rank != 4:
        return None
    return tf_keras.layers.MaxPooling2D(size, stride, padding.lower()), input


@_rule("nn.avg_pool2d", "nn.avg_pool")
def _average_pool(input: Any, ksize: Any, strides: Any, padding: str) -> Any:  # noqa: A002 - tf.nn's own name
    size, stride = _pair(ksize), _pair(strides)
    if size is None or stride is None or padding not in ("SAME", "VALID") or input.shape.rank != 4:
        return None
    return tf_keras.layers.AveragePooling2D(size, stride, padding.lower()), input


@_rule("reshape")
def _reshape(tensor: Any, shape: Any) -> Any:
    """A reshape of each sample: the first size is -1, or the batch's own, as `tf.shape(x)[0]`."""
    if not isinstance(shape, list | tuple) or any(isinstance(size, KerasTensor) for size in shape[1:]):
        return None
    batch, *sizes = shape
    before = tensor.shape[1:]
    if None in before or (not isinstance(batch, KerasTensor) and int(batch) != -1):
        return None
    if -1 not in sizes and math.prod(sizes) == math.prod(before):
        return tf_keras.layers.Reshape(tuple(int(size) for size in sizes)), tensor
    if isinstance(batch, KerasTensor) and list(sizes).count(-1) == 1:
        return tf_keras.layers.Reshape(tuple(int(size) for size in sizes)), tensor
    return None


@_rule("transpose")
def _transpose(a: Any, perm: Any = None, conjugate: bool = False) -> Any:
    if perm is None or isinstance(perm, KerasTensor) or int(perm[0]) != 0 or conjugate:
        return None
    return tf_keras.layers.Permute(tuple(int(axis) for axis in perm[1:])), a


def _pair(window: Any) -> tuple[int, int] | None:
    """Returns (height, width) of tf.nn's 2, [2], [2, 2] or [1, 2, 2, 1]; None for windows over batch or channels."""
    sizes = [window] if isinstance(window, int) else list(window)
    if len(sizes) == 4:
        if sizes[0] != 1 or sizes[3] != 1:
            return None
        sizes = sizes[1:3]
    if len(sizes) not in (1, 2):
        return None
    return int(sizes[0]), int(sizes[-1])
