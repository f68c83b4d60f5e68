"""Layers that a flat network holds as a simpler one of the same weights, which pruning, int8 and C know.

| in the model | in the flat network |
|---|---|
| EinsumDense that multiplies the last axis alone, such as "abc,cd->abd" or "...x,xy->...y" | Dense |
"""

import re
from collections.abc import Callable
from typing import Any

import tf_keras

L = tf_keras.layers
_EQUATION = re.compile(
    r"(?P<positions>(\.\.\.|[a-zA-Z])+)(?P<read>[a-zA-Z]),(?P=read)(?P<made>[a-zA-Z])->(?P=positions)(?P=made)"
)
_SHARED = (
    *("name", "trainable", "dtype", "activation"),
    *("kernel_initializer", "kernel_regularizer", "kernel_constraint"),
    *("bias_initializer", "bias_regularizer", "bias_constraint"),
)
"""What both layers are told in the same words."""


def equivalent_of(layer: Any, adapted: Callable[[Any], Any]) -> Any | None:
    """Returns a new layer of the same name that computes the same from the same weights; None: there is none simpler.

    Args:
        layer: of the model.
        adapted: what becomes of its configuration.
    """
    if type(layer) is not L.EinsumDense:
        return None
    parts = _EQUATION.fullmatch(layer.equation)
    if parts is None or layer.bias_axes not in (None, parts["made"]):
        return None
    config = adapted(layer.get_config())
    settings = {key: config[key] for key in _SHARED if key in config}
    return L.Dense.from_config({**settings, "units": layer.output.shape[-1], "use_bias": layer.bias_axes is not None})
