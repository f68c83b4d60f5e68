"""SeparableConv1D and SeparableConv2D: a depthwise and a pointwise kernel in one layer."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import tf_keras

from edge_nas.core.arrays import Floats, Places
from edge_nas.layers.functions import mixing_activation
from edge_nas.layers.infile import InFile
from edge_nas.layers.kernels import LinearKernel, Positions, under_kernel
from edge_nas.layers.kind import LayerKind
from edge_nas.layers.registry import register
from edge_nas.layers.rules import ChannelRule, Indices, Narrowed, Weights, frozen, sets_width
from edge_nas.layers.spaces import Flow, Layout, Spaces


class SeparableRule(ChannelRule):
    """Both kernels together read all input channels and produce new ones."""

    def flow(self, layer: Any, inputs: Sequence[Layout], spaces: Spaces) -> Flow:
        """Opens a space."""
        if not sets_width(layer, "filters"):
            return frozen(layer, inputs, spaces, f"{layer.name} has no 'filters' in its configuration")
        return Flow(spaces.open(layer.filters, frozen=mixing_activation(layer)), writes=True, reads=True)

    def narrow(self, layer: Any, inputs: Sequence[Indices], output: Indices) -> Narrowed:
        """Slices both kernels and the bias."""
        depthwise, pointwise, *bias = layer.get_weights()
        middle = _repeated(inputs[0], layer.depth_multiplier)
        pointwise = np.take(np.take(pointwise, middle, axis=-2), output, axis=-1)
        return {"filters": len(output)}, [
            np.take(depthwise, inputs[0], axis=-2),
            pointwise,
            *(np.take(b, output) for b in bias),
        ]

    def kernel(self, layer: Any) -> Floats:
        """Returns the full convolution that both kernels amount to."""
        depthwise, pointwise, *_ = layer.get_weights()
        inputs, multiplier = depthwise.shape[-2:]
        full: Floats = np.einsum("...cm,cmo->...co", depthwise, pointwise.reshape(inputs, multiplier, -1))
        return full

    def ignore(self, layer: Any, gone: Indices) -> Weights:
        """Returns the weights with the pointwise rows of those channels zeroed."""
        depthwise, pointwise, *bias = layer.get_weights()
        pointwise[..., _repeated(gone, layer.depth_multiplier), :] = 0.0
        return [depthwise, pointwise, *bias]


class PointwiseKernel(LinearKernel):
    """The second kernel: a row holds what the depthwise one makes, the multiples of a channel side by side."""

    alone = False

    def matrix(self, layer: Any) -> Floats:
        """Returns the pointwise kernel as (channels * multiplier, outputs)."""
        pointwise = layer.get_weights()[1]
        return np.reshape(pointwise, pointwise.shape[-2:])

    def with_matrix(self, layer: Any, matrix: Floats) -> list[Floats]:
        """Returns the layer's weights with another pointwise kernel."""
        depthwise, pointwise, *bias = layer.get_weights()
        return [depthwise, matrix.reshape(pointwise.shape), *bias]

    def rows(self, layer: Any, inputs: Floats, positions: Positions) -> Floats:
        """Returns what the depthwise kernel makes at each position, (positions, channels * multiplier)."""
        depthwise = layer.get_weights()[0]
        by_tap = depthwise.reshape(-1, *depthwise.shape[-2:])
        rows: Floats = np.einsum("ptc,tcm->pcm", under_kernel(layer, inputs, positions), by_tap, optimize=True)
        return rows.reshape(len(rows), -1)

    def row_places(self, layer: Any, channels: int, kept: Sequence[int]) -> Places:  # noqa: ARG002 - as of a convolution
        """Returns which entries of a row belong to the kept ones among the input's channels."""
        return np.asarray(_repeated(kept, layer.depth_multiplier), np.intp)


def _repeated(channels: Indices, times: int) -> Indices:
    """Returns the places of channels in a tensor that holds each of them `times` times in a row."""
    return [channel * times + copy for channel in channels for copy in range(times)]


_IN_FILE = InFile(kernels=("/depthwise", "/pointwise"), ends_in_relu=1)
_SEPARABLE = LayerKind(channels=SeparableRule(), kernel=PointwiseKernel(), in_file=_IN_FILE)

register(_SEPARABLE, tf_keras.layers.SeparableConv2D)
register(replace(_SEPARABLE, in_file=replace(_IN_FILE, reshapes=True)), tf_keras.layers.SeparableConv1D)
