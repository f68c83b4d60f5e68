"""A layer's kernel as a matrix, and the rows that it multiplies, one for each output position.

`LinearKernel` is that of a convolution; kinds whose kernels lie or are read otherwise derive theirs from it. What is
the same for all of them stands in `edge_nas.layers.patches` and `edge_nas.layers.blocks`.
"""

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from edge_nas.core.arrays import Floats, Places

Positions = tuple[Places, ...]
"""Output positions as one index array per axis: images first, then the axes of the map."""


class LinearKernel:
    """The kernel of a convolution: a row holds the inputs under it, tap by tap, of each tap all channels."""

    mixes = True
    """Whether an output reads all input channels, so that the kernel can be solved for by least squares."""
    alone = True
    """Whether it is the only kernel of its layer, so that it multiplies the layer's own input."""

    def matrix(self, layer: Any) -> Floats:
        """Returns the kernel as (taps * channels, outputs), in the order of a row."""
        kernel = layer.get_weights()[0]
        return np.reshape(kernel, (-1, kernel.shape[-1]))

    def with_matrix(self, layer: Any, matrix: Floats) -> list[Floats]:
        """Returns the layer's weights with another kernel."""
        kernel, *bias = layer.get_weights()
        return [matrix.reshape(kernel.shape), *bias]

    def block_shape(self, layer: Any) -> tuple[int, int]:
        """Returns (blocks, outputs of each): parts of the kernel that read no input in common.

        Within each tap of a row, the inputs of one block lie side by side, and so do the outputs.
        """
        groups, outputs = getattr(layer, "groups", 1), self.matrix(layer).shape[1]
        return groups, outputs // groups

    def rows(self, layer: Any, inputs: Floats, positions: Positions) -> Floats:
        """Returns what the kernel multiplies at each position, (positions, taps * channels)."""
        return under_kernel(layer, inputs, positions).reshape(len(positions[0]), -1)

    def row_places(self, layer: Any, channels: int, kept: Sequence[int]) -> Places:
        """Returns which entries of a row belong to the kept ones among the input's channels."""
        taps = len(self.matrix(layer)) // channels
        return np.asarray(np.add.outer(np.arange(taps) * channels, np.asarray(kept))).ravel()

    def output_size(self, layer: Any, input_size: Sequence[int]) -> tuple[int, ...]:
        """Returns the size of the output's map, channels apart, for an input map of this size."""
        channels = layer.get_weights()[0].shape[-2]
        return tuple(layer.compute_output_shape((1, *input_size, channels))[1:-1])


class Axis(NamedTuple):
    """How a kernel lies along one axis of a map; `size` is that of the input."""

    size: int
    taps: int
    stride: int
    dilation: int

    @property
    def reach(self) -> int:
        """How many places the kernel spans, the gaps of a dilated one included."""
        return (self.taps - 1) * self.dilation + 1


def axes_of(layer: Any, inputs: Floats) -> tuple[Axis, ...]:
    """Returns the axes of the maps that a convolution is given."""
    sizes = inputs.shape[1:-1]
    return tuple(map(Axis, sizes, layer.kernel_size, layer.strides, layer.dilation_rate))


def tap_indices(axes: Sequence[Axis]) -> Places:
    """Returns the place of each tap inside the kernel, (axes, taps), in the order in which the kernel is stored."""
    return np.indices([axis.taps for axis in axes]).reshape(len(axes), -1)


def under_kernel(layer: Any, inputs: Floats, positions: Positions) -> Floats:
    """Returns the inputs under the kernel of a convolution at each position, (positions, taps, channels).

    Zero padding is the layer's own, so that rows at the border hold the zeros that the layer sees.
    """
    images, *places = positions
    axes = axes_of(layer, inputs)
    borders = [zero_padding(layer.padding, axis) for axis in axes]
    padded = np.pad(inputs, [(0, 0), *borders, (0, 0)])
    sources = [images[:, None]]
    for axis, place, tap in zip(axes, places, tap_indices(axes), strict=True):
        sources.append(place[:, None] * axis.stride + tap[None, :] * axis.dilation)
    rows: Floats = padded[tuple(sources)]
    return rows


def zero_padding(padding: str, axis: Axis) -> tuple[int, int]:
    """Returns TensorFlow's zero padding (before, after) of one axis."""
    if padding == "causal":
        return axis.reach - 1, 0
    if padding == "valid":
        return 0, 0
    outputs = -(-axis.size // axis.stride)
    total = max(0, (outputs - 1) * axis.stride + axis.reach - axis.size)
    return total // 2, total - total // 2
