"""From a flat network to its channel groups."""

from dataclasses import dataclass, field, replace
from typing import Any

import tf_keras

from edge_nas.graph.channels import ChannelGraph, ChannelGroup, LayerChannels, Reader
from edge_nas.graph.walk import Call, layer_calls, output_keys
from edge_nas.layers import kind_of
from edge_nas.layers.rules import last_size
from edge_nas.layers.spaces import Flow, Layout, Segment, Spaces


@dataclass
class _Found:
    """What a walk over the calls has seen of one layer."""

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
    layouts: dict[str, Layout] = {}
    found = _walk(model, spaces, layouts)
    order: dict[int, int] = {}
    roles: list[_Roles] = []
    for name, layer in found.items():
        _assign(name, layer, spaces, order, roles)
    roots = list(order)
    groups = tuple(
        ChannelGroup(
            name=role.writers[0] if role.writers else f"space_{index}",
            channels=role.channels,
            writers=tuple(role.writers),
            carriers=tuple(role.carriers),
            readers=tuple(role.readers),
            frozen=spaces.reason(roots[index]) or (None if role.readers else "no layer reads it"),
            ties=spaces.ties(roots[index]),
        )
        for index, role in enumerate(roles)
    )

    def resolved(layout: Layout) -> Layout:
        return tuple(replace(segment, space=order[spaces.find(segment.space)]) for segment in layout)

    layers = {
        name: LayerChannels(tuple(resolved(layout) for layout in seen.inputs), resolved(seen.flow.output))
        for name, seen in found.items()
    }
    return ChannelGraph(groups, layers, {key: resolved(layout) for key, layout in layouts.items()})


def _walk(model: tf_keras.Model, spaces: Spaces, layouts: dict[str, Layout]) -> dict[str, _Found]:
    """Returns what was seen of every layer, and fills `layouts` with that of every tensor by key."""
    found: dict[str, _Found] = {}
    for call in layer_calls(model):
        inputs = tuple(layouts[key] for key in call.inputs)
        name = call.layer.name
        seen = found.get(name)
        if seen is None:
            flow = kind_of(call.layer).channels.flow(call.layer, inputs, spaces)
            seen = found[name] = _Found(call.layer, inputs, flow)
            output = flow.output
        else:
            output = _call_again(seen, inputs, spaces)
        layouts.update(_output_layouts(call, output, spaces))
    for key in output_keys(model):
        spaces.freeze(layouts[key], "the network's output")
    return found


def _output_layouts(call: Call, output: Layout, spaces: Spaces) -> dict[str, Layout]:
    """Returns the layout of each output by key; of several outputs at once, no rule tells where channels go."""
    if len(call.outputs) == 1:
        return {call.outputs[0]: output}
    reason = f"{call.layer.name} has {len(call.outputs)} outputs"
    shapes = zip(call.outputs, call.output_shapes, strict=True)
    return {key: spaces.open(last_size(shape), frozen=reason) for key, shape in shapes}


def _call_again(seen: _Found, inputs: tuple[Layout, ...], spaces: Spaces) -> Layout:
    """A layer called twice has one set of weights, so its inputs are tied; what it writes is one group."""
    rule = kind_of(seen.layer).channels
    if rule.ties_calls(seen.layer):
        for first, second in zip(seen.inputs, inputs, strict=True):
            spaces.tie(first, second, f"{seen.layer.name}, called twice,")
        return seen.flow.output
    return rule.flow(seen.layer, inputs, spaces).output


def _assign(name: str, seen: _Found, spaces: Spaces, order: dict[int, int], roles: list[_Roles]) -> None:
    def role(segment: Segment) -> _Roles:
        root = spaces.find(segment.space)
        if root not in order:
            order[root] = len(order)
            roles.append(_Roles(segment.size))
        return roles[order[root]]

    for layout in seen.inputs:
        for segment in layout:
            role(segment)
    if seen.flow.reads:
        offset = 0
        for segment in seen.inputs[0]:
            role(segment).readers.append(Reader(name, offset, segment.repeat))
            offset += segment.width
    for segment in seen.flow.output:
        here = role(segment)
        if seen.flow.writes:
            here.writers += [] if name in here.writers else [name]
        elif seen.flow.carries and name not in here.carriers:
            here.carriers.append(name)
