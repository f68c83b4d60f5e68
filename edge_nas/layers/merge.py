"""Layers with several inputs: elementwise ones tie channels, concatenation puts them side by side."""

from collections.abc import Sequence
from typing import Any

import tf_keras

from edge_nas.layers.infile import InFile
from edge_nas.layers.kind import LayerKind
from edge_nas.layers.registry import register
from edge_nas.layers.rules import ChannelRule, on_last_axis
from edge_nas.layers.spaces import Flow, Layout, Spaces, width

L = tf_keras.layers


class MergeRule(ChannelRule):
    """Elementwise operation on several tensors: ties their channels; one channel beside many is spread over them."""

    def flow(self, layer: Any, inputs: Sequence[Layout], spaces: Spaces) -> Flow:
        """Ties all inputs of full width with the first of them, which is the layout of the output."""
        full = max(width(layout) for layout in inputs)
        wide = [layout for layout in inputs if width(layout) == full]
        for layout in inputs:
            if width(layout) != full:
                spaces.freeze(layout, f"{layer.name} spreads its one channel over {full}")
        for other in wide[1:]:
            spaces.tie(wide[0], other, layer.name)
        return Flow(wide[0])


class JoinRule(ChannelRule):
    """Concatenation along the channels: puts the inputs side by side."""

    def flow(self, layer: Any, inputs: Sequence[Layout], spaces: Spaces) -> Flow:
        """Returns all segments in order; along another axis, ties the inputs instead."""
        if not on_last_axis(layer):
            return MergeRule().flow(layer, inputs, spaces)
        return Flow(tuple(segment for layout in inputs for segment in layout))


# TFLite's kernels for two tensors clip their results; three and more become a chain of others.
register(LayerKind(channels=MergeRule(), in_file=InFile(ends_in_relu=2)), L.Add, L.Subtract, L.Multiply)
register(LayerKind(channels=MergeRule()), L.Average, L.Maximum, L.Minimum)
register(LayerKind(channels=JoinRule()), L.Concatenate)
