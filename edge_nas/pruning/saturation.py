"""Where a pre-activation does not matter: outputs that an activation clips to the same value."""

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import tf_keras

from edge_nas.graph.walk import Call
from edge_nas.layers.normalization import gain_and_shift

Array = npt.NDArray[np.float64]
L = tf_keras.layers


class Clip(NamedTuple):
    """Per output channel the range of pre-activations that still make a difference, (channels,) each."""

    low: Array
    high: Array

    @property
    def open(self) -> bool:
        """True where every pre-activation makes a difference."""
        return bool(np.isneginf(self.low).all() and np.isposinf(self.high).all())

    def target(self, wanted: Array, made: Array) -> Array:
        """Returns what to aim at: `wanted`, but beyond the range whatever of `made` lies beyond it as well."""
        aim = np.where(wanted <= self.low, np.minimum(made, self.low), wanted)
        return np.where(wanted >= self.high, np.maximum(made, self.high), aim)


def clip_after(call: Call, batchnorm: Any | None, calls: Sequence[Call], outputs: Sequence[str]) -> Clip:
    """Returns the range that the ReLU behind a layer lets through, in terms of what the layer's kernel puts out.

    The bias of the layer is counted in: the range is that of kernel output plus bias. A BatchNorm in between is an
    affine map per channel; a negative gain turns the range around.

    Args:
        call: of a layer with a kernel.
        batchnorm: the BatchNorm that alone reads it, or None.
        calls: all of the network.
        outputs: keys of the network's outputs.
    """
    width = call.output_shapes[0][-1] or 1
    last = call if batchnorm is None else next(other for other in calls if other.layer is batchnorm)
    low, high = _range_of(call.layer) if batchnorm is None else (-np.inf, np.inf)
    readers = [other.layer for other in calls if last.outputs[0] in other.inputs]
    if (low, high) == (-np.inf, np.inf) and len(readers) == 1 and last.outputs[0] not in outputs:
        low, high = _range_of(readers[0])
    gain, shift = (np.ones(width), np.zeros(width)) if batchnorm is None else gain_and_shift(batchnorm)
    with np.errstate(divide="ignore", invalid="ignore"):
        ends = np.sort(np.stack([(low - shift) / gain, (high - shift) / gain]), axis=0)
    dead = gain == 0.0  # the BatchNorm puts out a constant
    return Clip(np.where(dead, np.inf, ends[0]), np.where(dead, np.inf, ends[1]))


def _range_of(layer: Any) -> tuple[float, float]:
    """Returns the range on which a layer's activation is not constant."""
    if type(layer) is L.ReLU:
        plain = layer.negative_slope == 0 and layer.threshold == 0
        return (0.0, np.inf if layer.max_value is None else float(layer.max_value)) if plain else (-np.inf, np.inf)
    if getattr(layer, "activation", None) is tf_keras.activations.relu and layer.__module__.startswith("tf_keras."):
        return 0.0, np.inf
    return -np.inf, np.inf
