"""Operators of several outputs, each of which is a block of the input, as one operator for each output."""

from dataclasses import replace

from edge_nas.int8.graph import Int8Graph, Operator

SPLITTING = ("SPLIT", "SPLIT_V", "UNPACK")


def one_output_each(graph: Int8Graph) -> Int8Graph:
    """Returns a graph in which every output of a split is written by an operator of its own, which knows its `part`.

    What becomes C, is scheduled and is placed in memory then has one output, and a part that nobody reads costs nothing
    but its copy.
    """
    operators: list[Operator] = []
    for operator in graph.operators:
        if operator.kind not in SPLITTING:
            operators.append(operator)
            continue
        operators += [replace(operator, outputs=(output,), part=part) for part, output in enumerate(operator.outputs)]
    return replace(graph, operators=tuple(operators))
