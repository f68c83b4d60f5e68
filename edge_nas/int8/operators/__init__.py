"""The int8 operators that are understood, one file each: how a kind is read, and what it computes in numpy.

A file holds a frozen dataclass with every integer resolved, registered under the schema's name (`edge_nas.int8.kinds`).
Its `parse` makes one of an operator of a file, or refuses by name; code generation reads the same dataclasses. Its
`run` takes and returns int8 codes (N, ...), byte for byte those of TFLite's reference kernels.

Importing this package registers all of them, and those that other distributions name under the entry point group
`edge_nas.operators`.
"""

from edge_nas.core.discovery import import_modules
from edge_nas.errors import ArtifactError
from edge_nas.int8.graph import Int8Graph, Operator
from edge_nas.int8.kinds import OPERATORS, SHORT_OPERATORS
from edge_nas.int8.operands import Operands, ParsedOperator

import_modules(__name__, "edge_nas.operators")

__all__ = ["OPERATORS", "SHORT_OPERATORS", "parse_operator"]

_DILATION = "it is supported around one convolution of stride 1 and VALID padding, which it makes a dilated one"
# What is supported of a kind that is no operator of its own here.
_REASONS = {"SPACE_TO_BATCH_ND": _DILATION, "BATCH_TO_SPACE_ND": _DILATION}


def parse_operator(graph: Int8Graph, operator: Operator) -> ParsedOperator:
    """Returns what an operator computes.

    Raises:
        ArtifactError: its kind, or something about it, is not supported.
    """
    if operator.kind not in OPERATORS:
        what = _REASONS.get(operator.kind, f"supported: {', '.join(sorted(OPERATORS))}")
        raise ArtifactError(
            f"{graph.source}: operator {operator.number} is {operator.kind}, which is not supported in int8; it reads "
            f"{_inputs_in_words(graph, operator)}; {what}"
        )
    known = SHORT_OPERATORS if operator.kind in SHORT_OPERATORS and _reads_shorts(graph, operator) else OPERATORS
    return known[operator.kind].parsed.parse(Operands(graph, operator))


def _reads_shorts(graph: Int8Graph, operator: Operator) -> bool:
    """Whether an operator computes on int16 codes."""
    return any(index >= 0 and graph.tensors[index].dtype == "int16" for index in operator.inputs[:1])


def _inputs_in_words(graph: Int8Graph, operator: Operator) -> str:
    """Returns the tensors that an operator reads: index, name, shape and dtype each."""
    tensors = [graph.tensors[index] for index in operator.inputs if index >= 0]
    words = [f"tensor {tensor.index} {tensor.name!r} of shape {tensor.shape} {tensor.dtype}" for tensor in tensors]
    return ", ".join(words) or "no tensor"
