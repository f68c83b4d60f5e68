"""Layers that only rearrange: Flatten, Reshape, Permute."""

from collections.abc import Sequence
from typing import Any

import tf_keras

from edge_nas.layers.kind import LayerKind
from edge_nas.layers.registry import register
from edge_nas.layers.rules import ChannelRule, Indices, Narrowed, frozen, last_size
from edge_nas.layers.spaces import Flow, Layout, Rows, RowsFirst, Spaces, SplitRow, parts_of, width


class FlattenRule(ChannelRule):
    """Flatten, or a Reshape whose last axis holds whole positions: their channels lie one row after the other."""

    def flow(self, layer: Any, inputs: Sequence[Layout], spaces: Spaces) -> Flow:
        """Repeats the row of the channels for every position that the last axis takes in."""
        size, row = last_size(layer.output.shape), width(inputs[0])
        if size % row or None in tuple(layer.output.shape)[1:]:
            return frozen(layer, inputs, spaces, f"{layer.name} cuts {row} channels into rows of {size}")
        return Flow(inputs[0] * (size // row))


class ReshapeRule(FlattenRule):
    """Reshape: its target shape names the channels that are left.

    One that cuts the channels of a position into rows, and one that puts rows in line again, are halves of a shuffle.
    """

    def takes_rows(self, layer: Any, rows: Rows) -> bool:  # noqa: ARG002 - the protocol
        """True for rows and columns, of a shuffle or of heads."""
        return isinstance(rows, SplitRow)

    def flow(self, layer: Any, inputs: Sequence[Layout], spaces: Spaces) -> Flow:
        """Passes the layout on, where the configuration names the target shape."""
        if "target_shape" not in layer.get_config():
            return frozen(layer, inputs, spaces, f"{layer.name} has no 'target_shape' in its configuration")
        before, after = tuple(layer.input.shape)[1:], tuple(layer.output.shape)[1:]
        channels = width(inputs[0])
        if isinstance(inputs[0], SplitRow):
            if after != (*before[:-2], channels):
                return frozen(layer, inputs, spaces, f"{layer.name} cuts rows of channels anew")
            return Flow(tuple(inputs[0]))
        if after[:-2] == before[:-1] and last_size(after) < channels:
            return Flow(SplitRow(inputs[0]))
        return super().flow(layer, inputs, spaces)

    def ties_calls(self, layer: Any) -> bool:  # noqa: ARG002 - the protocol
        """True: the target shape is one for all calls."""
        return True

    def narrow(self, layer: Any, inputs: Sequence[Indices], output: Indices) -> Narrowed:  # noqa: ARG002 - the protocol
        """Returns the new target shape; of channels that are cut into rows, whole rows or whole columns are kept."""
        *positions, rows, columns = None, *tuple(layer.output.shape)[1:]
        if last_size(layer.input.shape) == (rows or 1) * columns and positions:
            rows, columns = (len({channel // columns for channel in output}), len({c % columns for c in output}))
            return {"target_shape": (*positions[1:], rows, columns)}, []
        return {"target_shape": (*tuple(layer.output.shape)[1:-1], len(output))}, []


class PermuteRule(ChannelRule):
    """Permute: passes channels on where the last axis stays the last; exchanges rows and columns of a shuffle.

    Rows that it brings to the front, and back, are heads of attention.
    """

    def takes_rows(self, layer: Any, rows: Rows) -> bool:  # noqa: ARG002 - the protocol
        """True for rows and columns, of a shuffle or of heads."""
        return isinstance(rows, SplitRow | RowsFirst)

    def flow(self, layer: Any, inputs: Sequence[Layout], spaces: Spaces) -> Flow:
        """Passes the layout on."""
        positions = tuple(range(1, len(layer.dims) - 1))
        if isinstance(inputs[0], SplitRow) and tuple(layer.dims) == (len(positions) + 1, *positions, len(layer.dims)):
            return Flow(RowsFirst(inputs[0]))
        if isinstance(inputs[0], RowsFirst):
            if tuple(layer.dims) == (*(place + 1 for place in positions), 1, len(layer.dims)):
                return Flow(SplitRow(inputs[0]))
            return frozen(layer, inputs, spaces, f"{layer.name} moves the channels of heads")
        if isinstance(inputs[0], SplitRow):
            *others, last, before = layer.dims
            shuffled = None
            if [*others, before, last] == list(range(1, len(layer.dims) + 1)):
                shuffled = _shuffled(layer, inputs[0], spaces)
            if shuffled is None:
                return frozen(layer, inputs, spaces, f"{layer.name} mixes channels of several layers")
            return Flow(shuffled)
        if layer.dims[-1] != len(layer.dims):
            return frozen(layer, inputs, spaces, f"{layer.name} moves the channels to another axis")
        return Flow(inputs[0])


def _shuffled(layer: Any, layout: SplitRow, spaces: Spaces) -> SplitRow | None:
    """Returns the layout of channels, cut into rows, with rows and columns exchanged.

    What is kept is a pattern that stays whole: columns, where each row holds the same channels, or can lose the same
    ones since whole layers make it; else rows.

        rows that hold the same      a b | a b | a b      →  a a a | b b b
        rows of a layer each         a a | b b | c c      →  a b c | a b c, of which a, b and c lose the same
        rows that go whole           a a | a a | a a      →  a a a | a a a, of which every two successive go together

    Returns:
        None where a row holds channels of several layers.
    """
    rows, columns = tuple(layer.input.shape)[-2:]
    parts = parts_of(tuple(layout), rows) if rows > 1 else None
    if parts is not None:
        for part in parts[1:]:
            spaces.tie(parts[0], part, layer.name)
        return SplitRow(segment.times(rows) for segment in spaces.present(parts[0]))
    if not spaces.join(tuple(layout), columns):
        return None
    return SplitRow(tuple(segment.times(1, columns) for segment in layout) * columns)


register(LayerKind(channels=FlattenRule()), tf_keras.layers.Flatten)
register(LayerKind(channels=ReshapeRule()), tf_keras.layers.Reshape)
register(LayerKind(channels=PermuteRule()), tf_keras.layers.Permute)
