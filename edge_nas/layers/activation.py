"""Layers that are nothing but an activation."""

from collections.abc import Sequence
from typing import Any

import tf_keras

from edge_nas.layers.functions import mixing_activation
from edge_nas.layers.infile import InFile
from edge_nas.layers.kind import LayerKind
from edge_nas.layers.registry import register
from edge_nas.layers.rules import ChannelRule, Elementwise, PerChannel, frozen
from edge_nas.layers.spaces import Flow, Layout, NoChannels, Rows, Spaces

L = tf_keras.layers


class ActivationRule(Elementwise):
    """An Activation layer: some functions, such as softmax, look across channels."""

    def flow(self, layer: Any, inputs: Sequence[Layout], spaces: Spaces) -> Flow:
        """Passes the layout on, frozen where the activation is not known to treat every channel alike."""
        mixing = mixing_activation(layer)
        if mixing:
            spaces.freeze(inputs[0], mixing)
        return Flow(inputs[0])


class SoftmaxRule(ChannelRule):
    """Softmax: over positions it treats every channel alike, and the scores of attention hold none."""

    def takes_rows(self, layer: Any, rows: Rows) -> bool:  # noqa: ARG002 - the protocol
        """True for such scores."""
        return isinstance(rows, NoChannels)

    def flow(self, layer: Any, inputs: Sequence[Layout], spaces: Spaces) -> Flow:
        """Passes the layout on, or freezes what it looks across."""
        if len(inputs) > 1:
            return frozen(layer, inputs, spaces, f"{layer.name} has a mask")
        rank = layer.output.shape.rank
        axes = {axis % rank for axis in ([layer.axis] if isinstance(layer.axis, int) else layer.axis)}
        if rank - 1 in axes and not isinstance(inputs[0], NoChannels):
            return frozen(layer, inputs, spaces, f"{layer.name} looks across channels")
        return Flow(inputs[0])


_IN_FILE = InFile(becomes="activation")

register(LayerKind(channels=ActivationRule(), in_file=_IN_FILE), L.Activation)
register(LayerKind(channels=Elementwise(), in_file=_IN_FILE), L.ReLU, L.LeakyReLU, L.ELU, L.ThresholdedReLU)
register(LayerKind(channels=PerChannel(), in_file=InFile(becomes="activation", no_macs=True)), L.PReLU)
register(LayerKind(channels=SoftmaxRule()), L.Softmax)
