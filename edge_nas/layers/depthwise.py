"""DepthwiseConv1D and DepthwiseConv2D."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import tf_keras

from edge_nas.layers.functions import mixing_activation
from edge_nas.layers.infile import ONE_KERNEL
from edge_nas.layers.kernels import LinearKernel
from edge_nas.layers.kind import LayerKind
from edge_nas.layers.registry import register
from edge_nas.layers.rules import ChannelRule, Indices, Narrowed
from edge_nas.layers.spaces import Flow, Layout, Spaces


class DepthwiseRule(ChannelRule):
    """Each channel passes on its own and makes `depth_multiplier` channels, side by side."""

    def flow(self, layer: Any, inputs: Sequence[Layout], spaces: Spaces) -> Flow:
        """Passes the layout on, every channel repeated."""
        mixing = mixing_activation(layer)
        if mixing:
            spaces.freeze(inputs[0], mixing)
        return Flow(tuple(segment.times(layer.depth_multiplier) for segment in inputs[0]), carries=True)

    def narrow(self, layer: Any, inputs: Sequence[Indices], output: Indices) -> Narrowed:
        """Slices the kernel's input axis and the bias."""
        kernel, *bias = layer.get_weights()
        return {}, [np.take(kernel, inputs[0], axis=-2), *(np.take(b, output) for b in bias)]


class DepthwiseKernel(LinearKernel):
    """Each channel has taps of its own, which make its multiples."""

    mixes = False

    def block_shape(self, layer: Any) -> tuple[int, int]:
        """Returns (channels, multiples of each)."""
        channels, multiplier = layer.get_weights()[0].shape[-2:]
        return channels, multiplier


register(
    LayerKind(channels=DepthwiseRule(), kernel=DepthwiseKernel(), in_file=ONE_KERNEL), tf_keras.layers.DepthwiseConv2D
)
# Its kernel is known to nobody: the quantization tools refuse the layer, and it is no reader that could be repaired.
register(
    LayerKind(channels=DepthwiseRule(), in_file=replace(ONE_KERNEL, reshapes=True)), tf_keras.layers.DepthwiseConv1D
)
