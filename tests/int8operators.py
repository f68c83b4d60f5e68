"""Operators of an int8 network as plain data, to compare a sketch with a file."""

from typing import Any

from edge_nas.int8.graph import Int8Graph


def operators_of(graph: Int8Graph) -> list[tuple[Any, ...]]:
    """Operators with their options, the shapes around them, and the dtypes."""
    return [
        (
            each.kind,
            dict(each.options),
            [(graph.tensors[index].shape, graph.tensors[index].dtype) for index in (*each.inputs, *each.outputs)],
        )
        for each in graph.operators
    ]
