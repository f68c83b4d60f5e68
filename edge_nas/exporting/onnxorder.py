"""An ONNX graph in an order and with names that follow from the network alone (tf2onnx 1.17).

tf2onnx walks through sets of names: equal networks come out with their nodes in another order, other numbers behind
the names, and of constants that are equal one of several names, as Python's hash seed will have it. Files of equal
builds shall be equal to the byte.
"""

import re
from collections.abc import Iterator
from typing import Any

_GENERATED = re.compile(r"__\d+")
"""What tf2onnx puts behind names to tell them apart; the numbers differ from one conversion to the next."""
_OPERANDS = {("Conv", 1): "weight", ("Conv", 2): "bias", ("ConvTranspose", 1): "weight", ("ConvTranspose", 2): "bias"}


def put_in_order(graph: Any) -> None:
    """Sorts the nodes and constants of an ONNX GraphProto and names them anew; what it computes stays the same.

    Nodes stand in the order in which a walk from the outputs, inputs first, comes to them. A node keeps the name of its
    layer; one that tf2onnx added is called by its kind and its place. A constant is called by the node that reads it
    first.
    """
    nodes = list(_from_outputs(graph))
    constants = {tensor.name: tensor for tensor in graph.initializer}
    fixed = {value.name for value in (*graph.input, *graph.output)}
    names: dict[str, str] = {}
    used: list[Any] = []
    for place, node in enumerate(nodes):
        if _GENERATED.search(node.name) or not node.name:
            node.name = f"{node.op_type}_{place}"
        for slot, name in enumerate(_read(node)):
            if name in constants and name not in names:
                names[name] = f"{node.name}/{_OPERANDS.get((node.op_type, slot), slot)}"
                used.append(constants[name])
        for slot, name in enumerate(node.output):
            if name not in fixed:
                names[name] = f"{node.name}:{slot}"
    for node in nodes:
        _rename(node, names)
    for tensor in used:
        tensor.name = names[tensor.name]
    _replace(graph.node, nodes)
    _replace(graph.initializer, used)
    # Shapes of inner tensors: a reader infers them, and they bear the old names.
    del graph.value_info[:]


def _from_outputs(graph: Any) -> Iterator[Any]:
    """Yields each node once, behind all whose outputs it reads."""
    makers = {name: node for node in graph.node for name in node.output}
    finished: set[int] = set()
    pending = [(makers[value.name], False) for value in reversed(graph.output) if value.name in makers]
    while pending:
        node, inputs_done = pending.pop()
        if id(node) in finished:
            continue
        if inputs_done:
            finished.add(id(node))
            yield node
            continue
        pending.append((node, True))
        pending.extend((makers[name], False) for name in reversed(_read(node)) if name in makers)


def _read(node: Any) -> list[str]:
    """Returns the names that a node reads, those that the bodies of loops and branches read included."""
    bodies = [attribute.g for attribute in node.attribute if attribute.HasField("g")]
    return [*node.input, *(name for body in bodies for inner in body.node for name in _read(inner))]


def _rename(node: Any, names: dict[str, str]) -> None:
    """Gives what a node reads and makes its new names; names that a body makes itself are not among them."""
    node.input[:] = [names.get(name, name) for name in node.input]
    node.output[:] = [names.get(name, name) for name in node.output]
    for attribute in node.attribute:
        if attribute.HasField("g"):
            for inner in attribute.g.node:
                _rename(inner, names)


def _replace(field: Any, messages: list[Any]) -> None:
    """Puts messages into a repeated field that may hold them already."""
    copies = [type(message).FromString(message.SerializeToString()) for message in messages]
    del field[:]
    field.extend(copies)
