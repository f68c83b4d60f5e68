"""One gain and one shift per channel (a BatchNorm that no linear layer can take in, Rescaling), and Average.

TFMOT 0.8.1 refuses them; with a scheme of their own they would be converted to multiplications and additions in float.
A 1x1 depthwise convolution with a bias computes the same.
"""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import tf_keras

from edge_nas.graph.substitute import Link
from edge_nas.layers.normalization import gain_and_shift

L = tf_keras.layers
Array = npt.NDArray[np.float64]


def chain(layer: tf_keras.layers.Layer) -> Sequence[Link] | None:
    """Returns the convolution, for features (N, C) between two reshapes; None for other layers and ranks."""
    if type(layer) is L.Average and len(layer.output_shape) == 4:
        channels = layer.output_shape[-1]
        share = np.full(channels, 1.0 / len(layer.input_shape))
        return [Link(L.Add(name=f"{layer.name}_sum")), *_scaled(layer.name, share, np.zeros(channels), 4)]
    gains = _gains(layer)
    return None if gains is None else _scaled(layer.name, *gains, len(layer.input_shape))


def _gains(layer: tf_keras.layers.Layer) -> tuple[Array, Array] | None:
    rank = len(layer.input_shape) if not isinstance(layer.input_shape, list) else 0
    if rank not in (2, 4):
        return None
    if type(layer) is L.BatchNormalization and list(layer.axis) == [rank - 1]:
        return gain_and_shift(layer)
    if type(layer) is L.Rescaling and all(np.ndim(value) <= 1 for value in (layer.scale, layer.offset)):
        ones = np.ones(layer.input_shape[-1])
        return ones * np.asarray(layer.scale), ones * np.asarray(layer.offset)
    return None


def _scaled(name: str, gain: Array, shift: Array, rank: int) -> list[Link]:
    weights = [gain.reshape(1, 1, -1, 1).astype(np.float32), shift.astype(np.float32)]
    if rank == 4:
        return [Link(L.DepthwiseConv2D(1, name=name), weights)]
    return [
        Link(L.Reshape((1, 1, len(gain)), name=f"{name}_map")),
        Link(L.DepthwiseConv2D(1, name=f"{name}_scale"), weights),
        Link(L.Reshape((len(gain),), name=name)),
    ]
