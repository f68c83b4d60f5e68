"""Dense layers on rows that a RESHAPE took the batch of get it back: the batch is 1.

The converter makes a dense layer on sequences (1, rows, channels) one on rows; where a Reshape follows, as into the
heads of attention, the batch comes back with that reshape only:

    RESHAPE (1, 16, 24) -> (16, 24), FULLY_CONNECTED -> (16, 8), RESHAPE -> (1, 16, 2, 4)

becomes (1, 16, 24), (1, 16, 8), (1, 16, 2, 4), of which the dense layer keeps the dimensions; a sum with a tensor of
batch 1 may stand in the place of the last reshape.
"""

from dataclasses import replace

import numpy as np

from edge_nas.int8.graph import Int8Graph, Operator, Tensor

_ROWS_RANK = 2
_OF_A_RESHAPE = 2
_SPREADING = ("ADD", "MUL", "SUB")
"""What spreads shapes over each other, aligned at their last dimension: a 1 in front changes nothing."""


def rows_with_batches(graph: Int8Graph) -> Int8Graph:
    """Returns a graph in which such rows have a batch of 1; one without them stays what it is."""
    rows = _rows_without_batch(graph)
    if not rows:
        return graph
    tensors, operators = list(graph.tensors), list(graph.operators)
    for index in rows:
        tensors[index] = replace(tensors[index], shape=(1, *tensors[index].shape))
    for place, operator in enumerate(graph.operators):
        if operator.outputs[:1] and operator.outputs[0] in rows:
            operators[place] = _with_batch(tensors, operator)
    return replace(graph, tensors=tuple(tensors), operators=tuple(operators))


def _rows_without_batch(graph: Int8Graph) -> set[int]:
    """Returns the tensors of rows that lie between the two reshapes; all that makes and reads them is known."""
    makers = {output: operator for operator in graph.operators for output in operator.outputs}
    readers: dict[int, list[Operator]] = {}
    for operator in graph.operators:
        for index in operator.inputs:
            readers.setdefault(index, []).append(operator)
    rows = {output for output, maker in makers.items() if _may_be_rows(graph, output, maker)}
    while True:
        # Rows that something else reads, or that are made of what has no batch for another reason, stay what they are.
        known = {
            index
            for index in rows
            if (makers[index].kind == "RESHAPE" or makers[index].inputs[0] in rows)
            and all(_reads_rows(graph, reader, index, rows) for reader in readers.get(index, ()))
        }
        if known == rows:
            return rows
        rows = known


def _may_be_rows(graph: Int8Graph, output: int, maker: Operator) -> bool:
    """Whether an operator makes rows without a batch, of a tensor with one if it is a reshape."""
    shape = graph.tensors[output].shape
    if len(maker.outputs) != 1 or output in graph.outputs or len(shape) != _ROWS_RANK or shape[0] == 1:
        return False
    if maker.kind == "FULLY_CONNECTED":
        return len(maker.inputs) > 1
    if maker.kind != "RESHAPE" or len(maker.inputs) != _OF_A_RESHAPE or min(maker.inputs) < 0:
        return False
    source, given = (graph.tensors[index] for index in maker.inputs)
    return source.shape[:1] == (1,) and given.data is not None and given.data.dtype.kind == "i"


def _reads_rows(graph: Int8Graph, reader: Operator, index: int, rows: set[int]) -> bool:
    """Whether an operator does the same where the tensor has a batch: dense layer, reshape back, sum with a batch."""
    if len(reader.outputs) != 1:
        return False
    if reader.kind == "FULLY_CONNECTED":
        return reader.inputs[0] == index and reader.inputs.count(index) == 1 and reader.outputs[0] in rows
    if reader.kind in _SPREADING:
        output = graph.tensors[reader.outputs[0]].shape
        return len(output) > _ROWS_RANK and output[0] == 1
    return reader.kind == "RESHAPE" and reader.inputs[0] == index and reader.outputs[0] not in rows


def _with_batch(tensors: list[Tensor], operator: Operator) -> Operator:
    """Returns an operator whose output has a batch; appends the constant that says so to a reshape."""
    if operator.kind == "FULLY_CONNECTED":
        return replace(operator, options={**operator.options, "KeepNumDims": 1})
    given = tensors[operator.inputs[1]]
    values = np.array([1, *np.asarray(given.data).reshape(-1)], np.asarray(given.data).dtype)
    tensors.append(replace(given, index=len(tensors), shape=values.shape, data=values))
    return replace(operator, inputs=(operator.inputs[0], len(tensors) - 1))
