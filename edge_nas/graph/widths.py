"""What a network would cost at other widths of its channel groups, without building it."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import tf_keras

from edge_nas.graph.channels import ChannelGraph
from edge_nas.graph.cost import Operation, list_operations
from edge_nas.graph.filesize import FILE_BYTES, operator_bytes
from edge_nas.int8.cost import network_cost
from edge_nas.int8.memory import OperatorNode
from edge_nas.layers import kind_of
from edge_nas.layers.spaces import Layout, width
from edge_nas.results.artifacts import Cost


class WidthCost:
    """The cost of a flat network as a function of how many channels each group keeps.

    Args:
        model: flat network.
        graph: its channel graph.
    """

    def __init__(self, model: tf_keras.Model, graph: ChannelGraph) -> None:
        self._graph = graph
        self._listed = list_operations(model)
        self._sizes: dict[tuple[str, int, int], tuple[int, ...]] = {}  # of weights; see `_weight_sizes`

    def cost(self, counts: Mapping[str, int]) -> Cost:
        """Returns the cost with `counts` channels per group, the same as `keras_cost` of the narrowed network.

        `flash_bytes` is the size of the int8 file, as `edge_nas.graph.filesize` predicts it.

        Args:
            counts: per group name how many channels are kept, 1 to all; of groups that are absent, all.
        """
        nodes, sizes, flash = self._at(counts)
        listed = self._listed
        return network_cost(
            nodes,
            sizes,
            listed.inputs,
            listed.outputs,
            listed.source,
            flash_bytes=flash,
            uncounted=listed.uncounted,
        )

    def _at(self, counts: Mapping[str, int]) -> tuple[list[OperatorNode], dict[int, int], int]:
        """Returns the operators, the bytes of each tensor, and those of the file, of the network at these widths."""
        # Costs follow from how many channels are kept, not from which.
        kept = {name: range(count) for name, count in counts.items()}
        sizes = {number: self._size(number, kept) for number in self._listed.sizes}
        nodes, file_bytes = [], FILE_BYTES
        for operation in self._listed.operations:
            node, added_bytes = self._narrowed(operation, kept)
            nodes.append(node)
            file_bytes += added_bytes
            if operation.part:  # the tensor between two kernels grows with the first, which makes it
                original = self._weight_sizes(operation.layer, {})[0]
                narrowed = self._weight_sizes(operation.layer, kept)[0]
                between = node.inputs[0]
                sizes[between] = self._listed.sizes[between] * narrowed // original
        return nodes, sizes, file_bytes

    def _size(self, number: int, kept: Mapping[str, Sequence[int]]) -> int:
        """Returns the bytes of a tensor."""
        size = self._listed.sizes[number]
        if number not in self._listed.holders:
            return size
        layout = self._graph.tensors[str(self._listed.holders[number])]
        return size * self._kept_width(layout, kept) // width(layout) if layout else size

    def _kept_width(self, layout: Layout, kept: Mapping[str, Sequence[int]]) -> int:
        """Returns how many channels of a tensor are kept."""
        total = 0
        for segment in layout:
            name = self._graph.groups[segment.space].name
            channels = len(kept[name]) if name in kept else segment.size
            total += channels * segment.repeat
        return total

    def _narrowed(self, operation: Operation, kept: Mapping[str, Sequence[int]]) -> tuple[OperatorNode, int]:
        """Returns the operator, and the bytes that it adds to the file."""
        node, layer, part = operation.node, operation.layer, operation.part
        if not layer.weights:
            # A product loses channels of what comes out, none that it sums over.
            made = self._graph.layers[layer.name].output
            macs = node.macs * self._kept_width(made, kept) // width(made) if made else node.macs
            return replace(node, macs=macs), operator_bytes(operation, 0, 0)
        original, narrowed = self._weight_sizes(layer, {}), self._weight_sizes(layer, kept)
        # A kernel is multiplied once per position, so that MACs are in proportion to its size.
        macs = node.macs * narrowed[part] // original[part] if node.macs else 0
        if not node.params:  # counted with an earlier call
            return replace(node, macs=macs), operator_bytes(operation, 0, 0)
        outputs = self._kept_width(self._graph.layers[layer.name].output, kept)
        params = sum(narrowed[part:])
        if part + 1 < len(kind_of(layer).in_file.kernels):  # the next kernel reads what this one makes
            params, outputs = narrowed[part], narrowed[part + 1] // outputs
        weights = narrowed[part] if node.macs else params
        return replace(node, macs=macs, params=params), operator_bytes(operation, weights, outputs)

    def _weight_sizes(self, layer: Any, kept: Mapping[str, Sequence[int]]) -> tuple[int, ...]:
        """Returns how many elements each weight of the narrowed layer has."""
        channels = self._graph.layers[layer.name]
        layouts = (*channels.inputs, channels.output)
        widths = tuple(self._kept_width(layout, kept) for layout in layouts)
        # A search asks for the same widths over and over. Layers of several inputs have no weights of their own.
        key = (layer.name, widths[0], widths[-1])
        if key not in self._sizes:
            self._sizes[key] = tuple(int(np.size(weight)) for weight in self._weights(layer, kept))
        return self._sizes[key]

    def _weights(self, layer: Any, kept: Mapping[str, Sequence[int]]) -> list[Any]:
        """Returns the weights of the narrowed layer."""
        channels = self._graph.layers[layer.name]
        if not any(self._graph.loses(layout, kept) for layout in (*channels.inputs, channels.output)):
            return list(layer.get_weights())
        inputs = [self._graph.kept_channels(layout, kept) for layout in channels.inputs]
        _, weights = kind_of(layer).channels.narrow(layer, inputs, self._graph.kept_channels(channels.output, kept))
        return weights
