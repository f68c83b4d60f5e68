"""One gain and one shift per channel (a BatchNorm that no linear layer can take in, Rescaling), and Average.

TFMOT 0.8.1 refuses them; with a scheme of their own they would be converted to multiplications and additions in float.
A 1x1 depthwise convolution with a bias computes the same.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import tf_keras

from edge_nas.graph.substitute import Link
from edge_nas.layers.normalization import gain_and_shift

L = tf_keras.layers
Array = npt.NDArray[np.float64]

# (N, C) and (N, H, W, C): the two shapes that a 1x1 depthwise convolution takes, the first as a map of one pixel.
_FEATURES, _MAP = 2, 4


class _Affine(NamedTuple):
    """y = gain * x + shift, (C,) each."""

    gain: Array
    shift: Array


def chain(layer: tf_keras.layers.Layer) -> Sequence[Link] | None:
    """Returns the convolution, for features (N, C) between two reshapes; None for other layers and ranks."""
    if type(layer) is L.Average:
        return _mean_of_maps(layer)
    affine = _affine_of(layer)
    if affine is None:
        return None
    if _rank(layer) == _MAP:
        return [_convolution(layer.name, affine)]
    channels = len(affine.gain)
    return [
        Link(L.Reshape((1, 1, channels), name=f"{layer.name}_map")),
        _convolution(f"{layer.name}_scale", affine),
        Link(L.Reshape((channels,), name=layer.name)),
    ]


def _mean_of_maps(layer: tf_keras.layers.Layer) -> Sequence[Link] | None:
    """Returns a sum and its share, of which each channel takes one part per input."""
    shapes = layer.get_input_shape_at(0)
    if len(shapes[0]) != _MAP:
        return None
    channels = layer.get_output_shape_at(0)[-1]
    share = _Affine(np.full(channels, 1.0 / len(shapes)), np.zeros(channels))
    return [Link(L.Add(name=f"{layer.name}_sum")), _convolution(layer.name, share)]


def _affine_of(layer: tf_keras.layers.Layer) -> _Affine | None:
    """Returns what a layer does to each channel; None where it does something else."""
    if type(layer) not in (L.BatchNormalization, L.Rescaling):
        return None
    rank = _rank(layer)
    if rank not in (_FEATURES, _MAP):
        return None
    if type(layer) is L.BatchNormalization:
        over_channels = list(layer.axis) == [rank - 1]
        return _Affine(*gain_and_shift(layer)) if over_channels else None
    if np.ndim(layer.scale) > 1 or np.ndim(layer.offset) > 1:
        return None
    ones = np.ones(_shape(layer)[-1])
    return _Affine(ones * np.asarray(layer.scale), ones * np.asarray(layer.offset))


def _convolution(name: str, affine: _Affine) -> Link:
    kernel = affine.gain.reshape(1, 1, -1, 1).astype(np.float32)
    return Link(L.DepthwiseConv2D(1, name=name), [kernel, affine.shift.astype(np.float32)])


def _rank(layer: tf_keras.layers.Layer) -> int:
    return len(_shape(layer))


def _shape(layer: tf_keras.layers.Layer) -> tuple[int, ...]:
    # Of the first call: where a layer is called at several sizes, rank and channels are the same at all of them.
    shape: tuple[int, ...] = layer.get_input_shape_at(0)
    return shape
