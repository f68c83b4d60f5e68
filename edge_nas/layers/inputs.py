"""The network's input."""

from collections.abc import Sequence
from typing import Any

import tf_keras

from edge_nas.layers.kind import LayerKind
from edge_nas.layers.registry import register
from edge_nas.layers.rules import ChannelRule
from edge_nas.layers.spaces import Flow, Layout, Spaces


class SourceRule(ChannelRule):
    """The network's input keeps its channels."""

    def flow(self, layer: Any, inputs: Sequence[Layout], spaces: Spaces) -> Flow:  # noqa: ARG002 - the protocol
        """Opens a frozen space."""
        return Flow(spaces.open(layer.output.shape[-1], frozen="the network's input"))


register(LayerKind(channels=SourceRule()), tf_keras.layers.InputLayer)
