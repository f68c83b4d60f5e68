"""Operations of Keras 3 (keras.ops), each as the tf_keras layer or the tf expression that computes the same.

A layer where there is one, so that the quantization tools know it and channels can be followed through it.
"""

import itertools
from collections.abc import Callable
from typing import Any

import tensorflow as tf
import tf_keras

from edge_nas.errors import GraphError

L = tf_keras.layers


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


def hard_sigmoid(name: str, x: Any) -> Any:
    """Returns relu6(x + 3) / 6, as Keras 3 has it; that of tf_keras 2.21 is another function."""
    return L.ReLU(6.0, name=name)(x + 3.0) * (1.0 / 6.0)


def hard_silu(name: str, x: Any) -> Any:
    """Returns x · relu6(x + 3) / 6 in the form in which TFLite's converter finds its HARD_SWISH."""
    return L.Multiply(name=name)([x, hard_sigmoid(f"{name}_gate", x)])


def _reduced(function: Callable[..., Any]) -> Callable[..., Any]:
    return lambda operation, _name, x: function(x, axis=operation.axis, keepdims=bool(operation.keepdims))


def _pooled(layer: Callable[..., Any]) -> Callable[..., Any]:
    def pool(operation: Any, name: str, x: Any) -> Any:
        strides = operation.strides or operation.pool_size
        return layer(operation.pool_size, strides, padding=operation.padding, name=name)(x)

    return pool


def _resize(operation: Any, name: str, x: Any) -> Any:
    if operation.antialias or operation.crop_to_aspect_ratio or operation.pad_to_aspect_ratio:
        raise GraphError(
            f"operation {operation.name!r} (keras.ops, Resize): antialias, crop_to_aspect_ratio and "
            "pad_to_aspect_ratio are not converted; leave them out"
        )
    return L.Resizing(*operation.size, interpolation=operation.interpolation, name=name)(x)


def _split(operation: Any, _name: str, x: Any) -> Any:
    parts, axis = operation.indices_or_sections, operation.axis
    if isinstance(parts, int):
        return tf.split(x, parts, axis=axis)
    ends = [0, *parts, x.shape[axis]]
    return tf.split(x, [end - start for start, end in itertools.pairwise(ends)], axis=axis)


def _tile(operation: Any, _name: str, x: Any) -> Any:
    repeats = [operation.repeats] if isinstance(operation.repeats, int) else list(operation.repeats)
    return tf.tile(x, [1] * (len(x.shape) - len(repeats)) + repeats)


def _flip(operation: Any, _name: str, x: Any) -> Any:
    axes = range(len(x.shape)) if operation.axis is None else operation.axis
    return tf.reverse(x, [axes] if isinstance(axes, int) else list(axes))


def _swapaxes(operation: Any, _name: str, x: Any) -> Any:
    order = list(range(len(x.shape)))
    one, other = operation.axis1, operation.axis2
    order[one], order[other] = order[other], order[one]
    return tf.transpose(x, order)


def _gelu(operation: Any, _name: str, x: Any) -> Any:
    return tf.nn.gelu(x, approximate=bool(operation.approximate))


def _clip(operation: Any, _name: str, x: Any) -> Any:
    return tf.clip_by_value(x, operation.x_min, operation.x_max)


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
    "HardSigmoid": lambda _operation, name, x: hard_sigmoid(name, x),
    "HardSilu": lambda _operation, name, x: hard_silu(name, x),
    "HardTanh": lambda _operation, _name, x: tf.clip_by_value(x, -1.0, 1.0),
    "Gelu": _gelu,
    "LogSigmoid": _elementwise(tf.math.log_sigmoid),
    "LogSoftmax": lambda operation, _name, x: tf.nn.log_softmax(x, axis=operation.axis),
    "Silu": _activation("swish"),
    "Elu": lambda operation, name, x: L.ELU(alpha=operation.alpha, name=name)(x),
    "Selu": _activation("selu"),
    "Softplus": _activation("softplus"),
    "Softsign": _activation("softsign"),
    "Concatenate": _concatenate,
    "Reshape": _reshape,
    "Mean": _reduce(tf.reduce_mean, L.GlobalAveragePooling2D),
    "Max": _reduce(tf.reduce_max, L.GlobalMaxPooling2D),
    "Amax": _reduce(tf.reduce_max, L.GlobalMaxPooling2D),
    "Min": _reduced(tf.reduce_min),
    "Amin": _reduced(tf.reduce_min),
    "Sum": _reduced(tf.reduce_sum),
    "Prod": _reduced(tf.reduce_prod),
    "Var": _reduced(tf.math.reduce_variance),
    "Std": _reduced(tf.math.reduce_std),
    "Logsumexp": _reduced(tf.reduce_logsumexp),
    "AveragePool": _pooled(L.AveragePooling2D),
    "MaxPool": _pooled(L.MaxPooling2D),
    "Resize": _resize,
    "DepthToSpace": lambda operation, _name, x: tf.nn.depth_to_space(x, operation.block_size),
    "SpaceToDepth": lambda operation, _name, x: tf.nn.space_to_depth(x, operation.block_size),
    "Matmul": lambda _operation, _name, a, b: tf.matmul(a, b),
    "Einsum": lambda operation, _name, *xs: tf.einsum(operation.subscripts, *xs),
    "Stack": lambda operation, _name, xs: tf.stack(list(xs), axis=operation.axis),
    "Split": _split,
    "Tile": _tile,
    "Repeat": lambda operation, _name, x: tf.repeat(x, operation.repeats, axis=operation.axis),
    "Flip": _flip,
    "Swapaxes": _swapaxes,
    "Cumsum": lambda operation, _name, x: tf.cumsum(x, axis=operation.axis),
    "Clip": _clip,
    "Power": lambda _operation, _name, a, b: tf.pow(a, b),
    "Mod": lambda _operation, _name, a, b: tf.math.floormod(a, b),
    "Where": lambda _operation, _name, condition, a, b: tf.where(condition, a, b),
    "Greater": lambda _operation, _name, a, b: tf.greater(a, b),
    "GreaterEqual": lambda _operation, _name, a, b: tf.greater_equal(a, b),
    "Less": lambda _operation, _name, a, b: tf.less(a, b),
    "LessEqual": lambda _operation, _name, a, b: tf.less_equal(a, b),
    "Equal": lambda _operation, _name, a, b: tf.equal(a, b),
    "NotEqual": lambda _operation, _name, a, b: tf.not_equal(a, b),
    "LogicalAnd": lambda _operation, _name, a, b: tf.logical_and(a, b),
    "LogicalOr": lambda _operation, _name, a, b: tf.logical_or(a, b),
    "LogicalNot": _elementwise(tf.logical_not),
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
    "Ceil": _elementwise(tf.math.ceil),
    "Cos": _elementwise(tf.cos),
    "Erf": _elementwise(tf.math.erf),
    "Exp": _elementwise(tf.exp),
    "Expm1": _elementwise(tf.math.expm1),
    "Floor": _elementwise(tf.floor),
    "Log": _elementwise(tf.math.log),
    "Log1p": _elementwise(tf.math.log1p),
    "Reciprocal": _elementwise(tf.math.reciprocal),
    "Round": _elementwise(tf.round),
    "Rsqrt": _elementwise(tf.math.rsqrt),
    "Sign": _elementwise(tf.sign),
    "Sin": _elementwise(tf.sin),
    "Tan": _elementwise(tf.tan),
    "Negative": _elementwise(tf.negative),
    "Sqrt": _elementwise(tf.sqrt),
    "Square": _elementwise(tf.square),
}
"""Keras 3 operation -> what makes the same of (operation, name, tensors); see `allowlist` for files."""

ACTIVATIONS: dict[str, Callable[[str, Any], Any]] = {
    "hard_sigmoid": hard_sigmoid,
    "hard_silu": hard_silu,
    "hard_tanh": lambda _name, x: tf.clip_by_value(x, -1.0, 1.0),
    "relu6": lambda name, x: L.ReLU(6.0, name=name)(x),
    "leaky_relu": lambda name, x: L.LeakyReLU(alpha=0.2, name=name)(x),  # the slope of keras.activations.leaky_relu
    "log_sigmoid": lambda _name, x: tf.math.log_sigmoid(x),
    "log_softmax": lambda _name, x: tf.nn.log_softmax(x),
}
"""Activations by name that tf_keras 2.21 lacks, or has another function for: what makes the same of (name, tensor)."""
