"""Layers that a flat network holds as simpler ones of the same weights, which pruning, int8 and C know.

| in the model | in the flat network |
|---|---|
| EinsumDense that multiplies the last axis alone, such as "abc,cd->abd" or "...x,xy->...y" | Dense |
| EinsumDense of several axes, such as the heads of attention: "abc,cde->abde", "abcd,cde->abe" | Dense and Reshape |
| MultiHeadAttention of sequences, without a mask | its EinsumDenses, and the products between them |

The last two are several layers, which a trace (`edge_nas.graph.tracing`) calls in the place of the one.
"""

import math
import re
from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import Any

import tensorflow as tf
import tf_keras

L = tf_keras.layers
_EQUATION = re.compile(
    r"(?P<positions>(\.\.\.|[a-zA-Z])+)(?P<read>[a-zA-Z]+),(?P=read)(?P<made>[a-zA-Z]+)->(?P=positions)(?P=made)"
)
_SHARED = (
    *("name", "trainable", "dtype", "activation"),
    *("kernel_initializer", "kernel_regularizer", "kernel_constraint"),
    *("bias_initializer", "bias_regularizer", "bias_constraint"),
)
"""What both layers are told in the same words."""
_SEQUENCE_RANK = 3


class RowDense(tf_keras.layers.Layer):
    """What an EinsumDense computes of several axes once they lie in one row: a Dense, while a model is traced.

    Its variables are those of the EinsumDense; the Dense of the flat network has them as a matrix and a vector.
    """

    def __init__(self, einsum: tf_keras.layers.EinsumDense) -> None:
        super().__init__(name=einsum.name, dtype=einsum.dtype_policy, trainable=einsum.trainable)
        self.kernel, self.bias, self._activation = einsum.kernel, einsum.bias, einsum.activation
        self._settings: Mapping[str, Any] = MappingProxyType(einsum.get_config())
        axes = _axes(einsum) or (1, 1)
        self.inputs: tuple[int, ...] = tuple(einsum.kernel.shape[: axes[0]])
        self.outputs: tuple[int, ...] = tuple(einsum.kernel.shape[axes[0] :])

    def call(self, rows: Any) -> Any:
        """Returns (..., outputs) of (..., inputs)."""
        made = tf.linalg.matmul(rows, tf.reshape(tf.cast(self.kernel, rows.dtype), (rows.shape[-1], -1)))
        if self.bias is not None:
            made = made + tf.reshape(tf.cast(self.bias, rows.dtype), (-1,))
        return made if self._activation is None else self._activation(made)

    def get_config(self) -> dict[str, Any]:
        """Returns the configuration of a Dense."""
        return _dense_config(self.name, self._settings, math.prod(self.outputs))


def equivalent_of(layer: Any, adapted: Callable[[Any], Any]) -> Any | None:
    """Returns a new layer of the same name that computes the same from the same weights; None: there is none simpler.

    Args:
        layer: of the model.
        adapted: what becomes of its configuration.
    """
    if type(layer) is RowDense:
        return L.Dense.from_config(adapted(layer.get_config()))
    if type(layer) is not L.EinsumDense or _axes(layer) != (1, 1):
        return None
    return L.Dense.from_config(adapted(_dense_config(layer.name, layer.get_config(), layer.output.shape[-1])))


def has_several_axes(layer: Any, inputs: Any) -> bool:
    """True for an EinsumDense that is a Dense between two reshapes, called on inputs of known size.

    One with a constraint is none: what a constraint says of the axes of a kernel is not true of those of a matrix.
    """
    if type(layer) is not L.EinsumDense or _axes(layer) in (None, (1, 1)) or None in tuple(inputs.shape[1:]):
        return False
    return layer.kernel_constraint is None and layer.bias_constraint is None


def is_followed(layer: Any, args: Sequence[Any], kwargs: Mapping[str, Any]) -> bool:
    """True for attention between sequences that looks at all of them, which consists of layers and products.

    Args:
        layer: the layer.
        args: it is called with; and
        kwargs: by name.
    """
    if type(layer) is not L.MultiHeadAttention:
        return False
    settings = {**dict(zip(("query", "value", "key"), args, strict=False)), **kwargs}
    settings.pop("training", None)
    tensors = [settings.pop(name, None) for name in ("query", "value", "key")]
    has_masks = any(getattr(tensor, "_keras_mask", None) is not None for tensor in tensors)
    is_told_more = len(args) > 3 or any(value is not None and value is not False for value in settings.values())
    sequences = all(tensor is None or tensor.shape.rank == _SEQUENCE_RANK for tensor in tensors)
    return sequences and not has_masks and not is_told_more


def _dense_config(name: str, config: Mapping[str, Any], units: int) -> dict[str, Any]:
    """Returns the configuration of the Dense that stands for an EinsumDense of this configuration."""
    settings = {key: config[key] for key in _SHARED if key in config}
    return {**settings, "name": name, "units": units, "use_bias": config["bias_axes"] is not None}


def _axes(einsum: tf_keras.layers.EinsumDense) -> tuple[int, int] | None:
    """Returns how many axes an EinsumDense reads and makes at the end of its tensors; None: it does something else."""
    parts = _EQUATION.fullmatch(einsum.equation)
    if parts is None or einsum.bias_axes not in (None, parts["made"]):
        return None
    return len(parts["read"]), len(parts["made"])
