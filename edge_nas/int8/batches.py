"""Tensors that a mean over the batch left without one get it back: the batch is 1.

A LayerNormalization becomes (1, rows, 1, columns) whose MEAN goes over all axes but the last, the batch among them;
what follows is computed on vectors, and spread over the image again:

    MEAN over (0, 1, 2) of (1, 4, 1, 64) -> (64,)      becomes      MEAN over (1, 2) of (1, 4, 1, 64) -> (1, 64)

Shapes that are spread over each other are aligned at their last dimension, so that a 1 in front changes nothing.
"""

from dataclasses import replace

import numpy as np

from edge_nas.int8.graph import Int8Graph, Operator

_REDUCING = ("MEAN", "REDUCE_MAX", "REDUCE_MIN", "SUM")
_ELEMENTWISE = ("ADD", "MUL", "RSQRT", "SQUARED_DIFFERENCE", "SUB")


def with_batches(graph: Int8Graph) -> Int8Graph:
    """Returns a graph in which means over the batch go over the other axes, and what they left has a batch of 1.

    Network outputs stay what they are, and so does a graph without such means.
    """
    tensors, operators = list(graph.tensors), list(graph.operators)
    given_back: set[int] = set()
    for place, operator in enumerate(graph.operators):
        if operator.kind in _REDUCING:
            axes = _axes_without_batch(graph, operator)
            if axes is None:
                continue
            index = len(tensors)
            tensors.append(replace(tensors[operator.inputs[1]], index=index, shape=axes.shape, data=axes))
            operators[place] = replace(operator, inputs=(operator.inputs[0], index))
        elif not _goes_on(graph, operator, given_back):
            continue
        output = operator.outputs[0]
        given_back.add(output)
        tensors[output] = replace(tensors[output], shape=(1, *tensors[output].shape))
    if not given_back:
        return graph
    return replace(graph, tensors=tuple(tensors), operators=tuple(operators))


def _axes_without_batch(graph: Int8Graph, operator: Operator) -> "np.ndarray | None":
    """Returns the other axes of a mean that takes the batch of 1 away; None of any other."""
    if not _is_whole(operator, 2) or operator.options.get("KeepDims") or operator.outputs[0] in graph.outputs:
        return None
    source, given = graph.tensors[operator.inputs[0]], graph.tensors[operator.inputs[1]].data
    if given is None or given.dtype.kind != "i" or source.shape[:1] != (1,):
        return None
    rank = len(source.shape)
    axes = sorted({int(axis) % rank for axis in given.reshape(-1) if -rank <= axis < rank})
    return np.array(axes[1:], given.dtype) if axes[:1] == [0] and len(axes) > 1 else None


def _goes_on(graph: Int8Graph, operator: Operator, given_back: set[int]) -> bool:
    """Whether an operator computes on what has got its batch back, and on constants, alone."""
    if operator.kind not in _ELEMENTWISE or not _is_whole(operator, 1) or operator.outputs[0] in graph.outputs:
        return False
    computed = [index for index in operator.inputs if graph.tensors[index].data is None]
    return bool(computed) and all(index in given_back for index in computed)


def _is_whole(operator: Operator, inputs: int) -> bool:
    """Whether it has an output and so many inputs at least, none absent; what is not is refused where it is parsed."""
    return len(operator.inputs) >= inputs and min(operator.inputs) >= 0 and len(operator.outputs) == 1
