"""The shapes of an operator's tensors as a file has them, batch included, before anything about it is checked."""

from edge_nas.errors import ArtifactError
from edge_nas.int8.graph import Int8Graph, Operator


class OperandShapes:
    """Shapes of one operator's tensors, with an error that names the operator where one is missing or misshapen."""

    def __init__(self, graph: Int8Graph, operator: Operator) -> None:
        self._graph = graph
        self._operator = operator

    def input(self, slot: int, rank: int | None = None) -> tuple[int, ...]:
        """Returns the shape of an input, of `rank` dimensions where that is given."""
        return self._shape(self._operator.inputs, slot, rank, "input")

    def output(self, rank: int | None = None) -> tuple[int, ...]:
        """Returns the shape of the first output, of `rank` dimensions where that is given."""
        return self._shape(self._operator.outputs, 0, rank, "output")

    def _shape(self, indices: tuple[int, ...], slot: int, rank: int | None, side: str) -> tuple[int, ...]:
        where = f"{self._graph.source}: operator {self._operator.number} ({self._operator.kind})"
        if slot >= len(indices) or indices[slot] < 0:
            raise ArtifactError(f"{where}: {side} {slot} is missing")
        shape = self._graph.tensors[indices[slot]].shape
        if rank is not None and len(shape) != rank:
            raise ArtifactError(f"{where}: {side} {slot} has shape {shape}; {rank} dimensions are expected")
        return shape
