"""From a flat network to its channel groups."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import tf_keras

from edge_nas.graph.channels import ChannelGraph, ChannelGroup, LayerChannels, Reader
from edge_nas.graph.walk import Call, layer_calls, output_keys
from edge_nas.layers import kind_of
from edge_nas.layers.rules import last_size
from edge_nas.layers.spaces import Flow, Layout, Rows, Segment, Spaces


@dataclass
class _Passed:
    """A layer and how channels pass it, at its first call."""

    layer: Any
    inputs: tuple[Layout, ...]
    flow: Flow


@dataclass
class _Roles:
    """The layers around one group while it is put together."""

    channels: int
    writers: list[str] = field(default_factory=list)
    carriers: list[str] = field(default_factory=list)
    readers: list[Reader] = field(default_factory=list)


def channel_graph(model: tf_keras.Model) -> ChannelGraph:
    """Returns the channel groups of a flat network and the layouts around each of its layers.

    Frozen are the groups of inputs and outputs and of layers without a rule; each says why.

    Raises:
        GraphError: the model is not flat.
    """
    spaces = Spaces()
    passed, layouts = _walk(model, spaces)
    roles = _roles(passed, spaces)
    numbers = {root: number for number, root in enumerate(roles)}

    def resolved(layout: Layout) -> Layout:
        """Returns the layout with groups, by number, in the place of the spaces that are tied in them."""
        finished = map(spaces.finished, spaces.present(layout))
        return tuple(replace(segment, space=numbers[segment.space]) for segment in finished)

    layers = {}
    for name, layer in passed.items():
        inputs = tuple(resolved(layout) for layout in layer.inputs)
        layers[name] = LayerChannels(inputs, resolved(layer.flow.output))
    tensors = {key: resolved(layout) for key, layout in layouts.items()}
    groups = tuple(_group(number, root, roles[root], spaces) for root, number in numbers.items())
    return ChannelGraph(groups, layers, tensors)


def _group(number: int, root: int, roles: _Roles, spaces: Spaces) -> ChannelGroup:
    """Returns a finished group; `root` is the space that stands for all that are tied in it."""
    return ChannelGroup(
        name=roles.writers[0] if roles.writers else f"space_{number}",
        channels=roles.channels,
        writers=tuple(roles.writers),
        carriers=tuple(roles.carriers),
        readers=tuple(roles.readers),
        frozen=spaces.reason(root) or (None if roles.readers else "no layer reads it"),
        ties=spaces.ties(root),
        together=spaces.together(root),
    )


def _walk(model: tf_keras.Model, spaces: Spaces) -> tuple[dict[str, _Passed], dict[str, Layout]]:
    """Returns how channels pass every layer, by name, and the layout of every tensor, by key."""
    passed: dict[str, _Passed] = {}
    layouts: dict[str, Layout] = {}
    sizes: dict[str, int] = {}
    for call in layer_calls(model):
        layouts |= _rows_as_channels(call, layouts, sizes, spaces)
        inputs = tuple(spaces.present(layouts[key]) for key in call.inputs)
        first = passed.get(call.layer.name)
        if first is None:
            flow = _flow(call.layer, inputs, spaces)
            passed[call.layer.name] = _Passed(call.layer, inputs, flow)
        else:
            flow = _call_again(first, inputs, spaces)
        layouts.update(_output_layouts(call, flow, spaces))
        sizes.update((key, last_size(shape)) for key, shape in zip(call.outputs, call.output_shapes, strict=True))
    for key in output_keys(model):
        spaces.freeze(layouts[key], "the network's output")
    return passed, layouts


def _rows_as_channels(
    call: Call, layouts: Mapping[str, Layout], sizes: Mapping[str, int], spaces: Spaces
) -> dict[str, Layout]:
    """Returns, of what a call reads, the tensors whose channels are cut into rows it does not know, as last axes alone.

    Those channels and that axis keep all they have; what the layer makes of them is free.
    """
    changed: dict[str, Layout] = {}
    takes_rows = kind_of(call.layer).channels.takes_rows
    for key in call.inputs:
        layout = layouts[key]
        if isinstance(layout, Rows) and not takes_rows(call.layer, layout):
            reason = f"{call.layer.name} reads channels that a reshape has cut into rows"
            spaces.freeze(tuple(layout), reason)
            # The first reason stands for the columns too: rows of the network's input are its input.
            first = spaces.reason(spaces.present(layout)[0].space) if layout else reason
            changed[key] = spaces.open(sizes[key], frozen=first)
    return changed


def _flow(layer: Any, inputs: tuple[Layout, ...], spaces: Spaces) -> Flow:
    """Returns how channels pass a layer at its first call."""
    return kind_of(layer).channels.flow(layer, inputs, spaces)


def _output_layouts(call: Call, flow: Flow, spaces: Spaces) -> dict[str, Layout]:
    """Returns the layout of each output by key; of several outputs at once, few rules tell where channels go."""
    if flow.outputs:
        return dict(zip(call.outputs, flow.outputs, strict=True))
    if len(call.outputs) == 1:
        return {call.outputs[0]: flow.output}
    reason = f"{call.layer.name} has {len(call.outputs)} outputs"
    shapes = zip(call.outputs, call.output_shapes, strict=True)
    return {key: spaces.open(last_size(shape), frozen=reason) for key, shape in shapes}


def _call_again(first: _Passed, inputs: tuple[Layout, ...], spaces: Spaces) -> Flow:
    """A layer called twice has one set of weights, so its inputs are tied; what it writes is one group."""
    rule = kind_of(first.layer).channels
    if not rule.ties_calls(first.layer):
        return _flow(first.layer, inputs, spaces)
    for before, now in zip(first.inputs, inputs, strict=True):
        spaces.tie(before, now, f"{first.layer.name}, called twice,")
    return first.flow


def _roles(passed: Mapping[str, _Passed], spaces: Spaces) -> dict[int, _Roles]:
    """Returns who is around each group, by the space that stands for it, in the order of the forward pass."""
    roles: dict[int, _Roles] = {}

    def around(segment: Segment) -> _Roles:
        return roles.setdefault(segment.space, _Roles(segment.size))

    for name, layer in passed.items():
        for layout in layer.inputs:
            for segment in map(spaces.finished, spaces.present(layout)):
                around(segment)
        if layer.flow.reads:
            offset = 0
            for segment in map(spaces.finished, spaces.present(layer.inputs[0])):
                around(segment).readers.append(Reader(name, offset, segment.repeat))
                offset += segment.width
        for segment in map(spaces.finished, spaces.present(layer.flow.output)):
            if layer.flow.writes and name not in around(segment).writers:
                around(segment).writers.append(name)
            if layer.flow.carries and not layer.flow.writes and name not in around(segment).carriers:
                around(segment).carriers.append(name)
    return roles
