"""Layers that only rearrange: Flatten, Reshape, Permute."""

from collections.abc import Sequence
from typing import Any

from edge_nas.graph.channels import Flow, Layout, Spaces, width
from edge_nas.graph.rules.protocol import Indices, Narrowed, Rule, frozen, last_size


class Flattened(Rule):
    """Flatten, or a Reshape whose last axis holds whole positions: their channels lie one row after the other."""

    def flow(self, layer: Any, inputs: Sequence[Layout], spaces: Spaces) -> Flow:
        """Repeats the row of the channels for every position that the last axis takes in."""
        size, row = last_size(layer.output.shape), width(inputs[0])
        if size % row or None in tuple(layer.output.shape)[1:]:
            return frozen(layer, inputs, spaces, f"{layer.name} cuts {row} channels into rows of {size}")
        return Flow(inputs[0] * (size // row))


class Reshaped(Flattened):
    """Reshape: its target shape names the channels that are left."""

    def ties_calls(self, layer: Any) -> bool:  # noqa: ARG002 - the protocol
        """True: the target shape is one for all calls."""
        return True

    def narrow(self, layer: Any, inputs: Sequence[Indices], output: Indices) -> Narrowed:  # noqa: ARG002 - the protocol
        """Returns the new target shape."""
        return {"target_shape": (*tuple(layer.output.shape)[1:-1], len(output))}, []


class Permuted(Rule):
    """Permute: passes channels on where the last axis stays the last."""

    def flow(self, layer: Any, inputs: Sequence[Layout], spaces: Spaces) -> Flow:
        """Passes the layout on."""
        if layer.dims[-1] != len(layer.dims):
            return frozen(layer, inputs, spaces, f"{layer.name} moves the channels to another axis")
        return Flow(inputs[0])
