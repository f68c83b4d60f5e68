"""How many rows a reader's statistics rest on, and where there are more of them: in front of the pooling.

    conv ──(N, 14, 14, C)── GlobalAveragePooling ──(N, C)── Dense        N rows at the Dense, 196 N before the pooling

What follows from other channels at each position follows from them in the mean over positions too, so a relation that
is found before the pooling holds behind it. The tensor is looked for by counting rows, not by the names of layers.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import tf_keras

from edge_nas.core.arrays import Places
from edge_nas.graph.channels import ChannelGraph
from edge_nas.graph.walk import Call, layer_calls
from edge_nas.layers.spaces import Layout, width

ROWS_PER_UNKNOWN = 4
"""From four rows per unknown the eigenvalues of a covariance are 0.25 to 2.25 times the true ones, where values are
independent (Marchenko & Pastur 1967, ratio 1/4); with fewer, least squares learn the calibration set by heart."""


class RichTensor(NamedTuple):
    """A tensor that holds a reader's input channels at more places than the input itself does.

    `key`: in `edge_nas.graph.walk`. `tensor`: the symbolic one.
    """

    key: str
    tensor: Any


def rich_tensors(model: tf_keras.Model, graph: ChannelGraph, images: int) -> dict[str, RichTensor]:
    """Returns the richer tensor of each reader whose own input has few rows, by layer, where there is one.

    Args:
        model: flat network.
        graph: its channel graph.
        images: how many calibration inputs there are.
    """
    calls = layer_calls(model)
    makers = {key: call for call in calls for key in call.outputs}
    readers = {reader.layer for group in graph.groups for reader in group.readers}
    rich_by_layer: dict[str, RichTensor] = {}
    for call in calls:
        if call.layer.name in readers and call.layer.name not in rich_by_layer:
            rich = _rich_tensor(call, makers, graph, images)
            if rich is not None:
                rich_by_layer[call.layer.name] = rich
    return rich_by_layer


@dataclass(frozen=True)
class CutLayout:
    """The channels of a tensor in the original network and in the narrowed one.

    Attributes:
        graph: of the original.
        layout: of the tensor in the original.
        kept: per group name the channels that are kept; absent: all.
    """

    graph: ChannelGraph
    layout: Layout
    kept: Mapping[str, Sequence[int]]

    @property
    def spaces(self) -> tuple[int, ...]:
        """The numbers of the groups in the tensor, each once."""
        return tuple(dict.fromkeys(segment.space for segment in self.layout))

    @property
    def kept_channels(self) -> list[int]:
        """Which channels of the tensor are kept."""
        return self.graph.kept_channels(self.layout, self.kept)

    def kept_of(self, space: int) -> list[int]:
        """Returns which channels of a group are kept."""
        group = self.graph.groups[space]
        return list(self.kept.get(group.name, range(group.channels)))

    def places(self, space: int) -> tuple[Places, Places]:
        """Returns where the tensor holds a group: (sights, channels), and narrowed (sights, kept channels)."""
        places, narrowed_places = [], []
        offset = narrowed_offset = 0
        for segment in self.layout:
            kept_count = len(self.kept_of(segment.space))
            if segment.space == space:
                for copy in range(segment.repeat):
                    places.append(offset + copy + np.arange(segment.size) * segment.repeat)
                    narrowed_places.append(narrowed_offset + copy + np.arange(kept_count) * segment.repeat)
            offset += segment.width
            narrowed_offset += kept_count * segment.repeat
        return np.stack(places), np.stack(narrowed_places)


def sights_per_image(layout: Layout, shape: tuple[int | None, ...], space: int) -> int:
    """Returns at how many places of one image a tensor of this shape (batch first) holds a group's channels."""
    positions = math.prod(size or 1 for size in shape[1:-1])
    return positions * sum(segment.repeat for segment in layout if segment.space == space)


def _rich_tensor(call: Call, makers: dict[str, Call], graph: ChannelGraph, images: int) -> RichTensor | None:
    """Returns the nearest tensor before a reader with enough rows, or else the one with the most; None: its input."""
    key = call.inputs[0]
    layout = graph.tensors[key]
    unknowns = max(graph.groups[segment.space].channels for segment in layout)
    best, most, tensor = None, _rows(layout, makers[key], key), None
    while most * images < ROWS_PER_UNKNOWN * unknowns:
        maker = makers[key]
        if len(maker.inputs) != 1 or maker.layer.weights:
            break
        key, tensor = maker.inputs[0], maker.node.keras_inputs[0]
        if {segment.space for segment in graph.tensors[key]} != {segment.space for segment in layout}:
            break
        if tensor.shape[-1] != width(graph.tensors[key]):  # between the two reshapes of a channel shuffle
            continue
        rows = _rows(graph.tensors[key], makers[key], key)
        if rows > most:
            best, most = RichTensor(key, tensor), rows
    return best


def _rows(layout: Layout, maker: Call, key: str) -> int:
    """Returns the fewest places of an image at which a tensor holds one of its groups."""
    shape = maker.output_shapes[maker.outputs.index(key)]
    return min(sights_per_image(layout, shape, segment.space) for segment in layout)
