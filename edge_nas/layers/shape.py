"""Layers that only rearrange: Flatten, Reshape, Permute."""

from collections.abc import Sequence
from typing import Any

import tf_keras

from edge_nas.layers.kind import LayerKind
from edge_nas.layers.registry import register
from edge_nas.layers.rules import ChannelRule, Indices, Narrowed, frozen, last_size
from edge_nas.layers.spaces import Flow, Layout, Spaces, width


class FlattenRule(ChannelRule):
    """Flatten, or a Reshape whose last axis holds whole positions: their channels lie one row after the other."""

    def flow(self, layer: Any, inputs: Sequence[Layout], spaces: Spaces) -> Flow:
        """Repeats the row of the channels for every position that the last axis takes in."""
        size, row = last_size(layer.output.shape), width(inputs[0])
        if size % row or None in tuple(layer.output.shape)[1:]:
            return frozen(layer, inputs, spaces, f"{layer.name} cuts {row} channels into rows of {size}")
        return Flow(inputs[0] * (size // row))


class ReshapeRule(FlattenRule):
    """Reshape: its target shape names the channels that are left."""

    def flow(self, layer: Any, inputs: Sequence[Layout], spaces: Spaces) -> Flow:
        """Passes the layout on as Flatten does, where the configuration names the target shape."""
        if "target_shape" not in layer.get_config():
            return frozen(layer, inputs, spaces, f"{layer.name} has no 'target_shape' in its configuration")
        return super().flow(layer, inputs, spaces)

    def ties_calls(self, layer: Any) -> bool:  # noqa: ARG002 - the protocol
        """True: the target shape is one for all calls."""
        return True

    def narrow(self, layer: Any, inputs: Sequence[Indices], output: Indices) -> Narrowed:  # noqa: ARG002 - the protocol
        """Returns the new target shape."""
        return {"target_shape": (*tuple(layer.output.shape)[1:-1], len(output))}, []


class PermuteRule(ChannelRule):
    """Permute: passes channels on where the last axis stays the last."""

    def flow(self, layer: Any, inputs: Sequence[Layout], spaces: Spaces) -> Flow:
        """Passes the layout on."""
        if layer.dims[-1] != len(layer.dims):
            return frozen(layer, inputs, spaces, f"{layer.name} moves the channels to another axis")
        return Flow(inputs[0])


register(LayerKind(channels=FlattenRule()), tf_keras.layers.Flatten)
register(LayerKind(channels=ReshapeRule()), tf_keras.layers.Reshape)
register(LayerKind(channels=PermuteRule()), tf_keras.layers.Permute)
