"""Which operator differs first, where a program's outputs are not those of the reference kernels.

A file is cut behind one of its operators: its only output is then that operator's. Cut so, the reference kernels and
the program compute it once more, on the calls up to the one that differs. Between a cut whose output is equal and one
whose output is not, halving finds an operator that differs itself.
"""

import struct
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import tflite

from edge_nas.errors import EdgeNasError
from edge_nas.int8.graph import Int8Graph, Tensor
from edge_nas.int8.interpreter import Int8Interpreter
from edge_nas.int8.reader import read_tflite
from edge_nas.runtimes.reference import run_reference

Stored = npt.NDArray[Any]
# Computes a .tflite file for inputs (N, ...), as (N, bytes) of its only output.
Program = Callable[[bytes, Sequence[Stored]], npt.NDArray[np.int8]]

# Of the table SubGraph.
_OUTPUTS_SLOT = 8
_SHOWN = 8


@dataclass(frozen=True)
class _Cut:
    """An operator behind which a file is cut: its number and kind in the file, its output, and what it reads."""

    number: int
    kind: str
    output: int
    inputs: tuple[int, ...]


def first_difference(data: bytes, source: str, inputs: Sequence[Stored], program: Program) -> str:
    """Returns which operator differs first and what it reads, in words; why it is not known where it is not.

    Args:
        data: the .tflite file.
        source: what to call it.
        inputs: (N, ...) for each of its inputs: the frame that differs is the last, those before are earlier calls.
        program: what computes the file, cut or whole.
    """
    graph = read_tflite(data, source)
    cuts = _cuts(graph)
    search = _Search(data, source, inputs, program)
    low, high = -1, len(cuts) - 1
    if high < 0 or search.difference(cuts[high].output) is None:
        return "no operator differs where the file is cut behind it: only the whole does"
    while high - low > 1:
        middle = (low + high) // 2
        if search.difference(cuts[middle].output) is None:
            low = middle
        else:
            high = middle
    return _in_words(graph, cuts[high], search)


def with_output(data: bytes, tensor: int) -> bytes:
    """Returns a .tflite file whose only output is one of its tensors."""
    changed = bytearray(data)
    table = tflite.Model.GetRootAs(changed, 0).Subgraphs(0)._tab
    outputs = table.Vector(table.Offset(_OUTPUTS_SLOT))
    struct.pack_into("<I", changed, outputs - 4, 1)
    struct.pack_into("<i", changed, outputs, tensor)
    return bytes(changed)


@dataclass
class _Search:
    """What a file that is cut gives on the calls up to the one that differs."""

    data: bytes
    source: str
    inputs: Sequence[Stored]
    program: Program

    def difference(self, tensor: int) -> tuple[int, int, int] | None:
        """Returns place, expected and seen byte of the first difference in the last call; None where there is none."""
        data = with_output(self.data, tensor)
        try:
            (expected,) = run_reference(data, self.inputs, source=self.source)
            seen = self.program(data, self.inputs)
        except EdgeNasError:
            return None  # cut here, the file is none that both compute
        wanted = np.ascontiguousarray(expected).reshape(len(expected), -1).view(np.int8)[-1]
        places = np.flatnonzero(wanted != seen[-1]) if wanted.shape == seen[-1].shape else np.array([0])
        return (int(places[0]), int(wanted[places[0]]), int(seen[-1][places[0]])) if len(places) else None

    def values(self, tensor: int) -> Stored | None:
        """Returns what the reference kernels give for a tensor in the last call."""
        try:
            values: Stored = run_reference(with_output(self.data, tensor), self.inputs, source=self.source)[0][-1]
        except EdgeNasError:
            return None
        return values


def _cuts(graph: Int8Graph) -> list[_Cut]:
    """Returns the operators of the network between the ends, in execution order, by what the file has of them."""
    body = Int8Interpreter(graph)
    cuts: dict[int, _Cut] = {}
    for operator in body.operators:
        number = body.graph.operators[operator.index].number
        known = [index for index in operator.inputs if index < len(graph.tensors)]
        # What a rewriting has added is no tensor of the file.
        if operator.output < len(graph.tensors) and number < len(graph.operators):
            computed = tuple(index for index in known if graph.tensors[index].data is None)
            cuts[operator.output] = _Cut(number, graph.operators[number].kind, operator.output, computed)
    return list(cuts.values())


def _in_words(graph: Int8Graph, cut: _Cut, search: _Search) -> str:
    found = search.difference(cut.output)
    where = f"operator {cut.number} ({cut.kind}), {_tensor(graph.tensors[cut.output])}"
    if found is None:
        return f"first in {where}"
    place, expected, seen = found
    read = [f"{_tensor(graph.tensors[index])}: {_values(search.values(index))}" for index in cut.inputs]
    reads = "; ".join(read) or "no activation"
    return f"first in {where}, byte {place}: expected {expected}, seen {seen}; it reads {reads}"


def _tensor(tensor: Tensor) -> str:
    return f"tensor {tensor.index} {tensor.name!r} of shape {tensor.shape}"


def _values(values: Stored | None) -> str:
    if values is None:
        return "values that only the whole file has"
    shown = " ".join(map(str, values.reshape(-1)[:_SHOWN].tolist()))
    more = " ..." if values.size > _SHOWN else ""
    return f"{shown}{more} (from {values.min()} to {values.max()})"
