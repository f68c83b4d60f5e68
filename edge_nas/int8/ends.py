"""The ends of a network: a file takes and gives the network's codes, or reals and other codes that it converts itself.

         float32 -> QUANTIZE -> int8 ... int8 -> DEQUANTIZE -> float32
           uint8 -> QUANTIZE -> int8 ... int8 -> QUANTIZE -> uint8
    int16, int32 -> QUANTIZE -> int8 ... int8 -> QUANTIZE -> int16, int32

What lies between is a network on int8 codes (or int16, where its operators know them) like any other, and is what gets
kernels; the conversions are kept apart, so that who has codes already does without them. An end that is converted in
another way stays part of the network, whose operators refuse it by name.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from edge_nas.errors import ArtifactError
from edge_nas.int8.arithmetic import INT8_MIN, Multiplier, dequantize, multiply, quantize, quantize_multiplier
from edge_nas.int8.graph import Int8Graph, Operator, Tensor

Codes = npt.NDArray[np.int8]
Stored = npt.NDArray[Any]

UINT8_MAX = 255
# Integers that a QUANTIZE takes codes from, or makes of them, by fixed-point arithmetic.
_INTEGERS = ("int8", "int16", "int32")
_INSIDE = ("int8", "int16")


@dataclass(frozen=True)
class End:
    """One input or output of a network.

    Attributes:
        outside: the tensor as the file takes or gives it: int8, uint8, int16, int32 or float32.
        inside: the tensor of codes that the network between the ends has; the same one where nothing is converted.
    """

    outside: Tensor
    inside: Tensor

    @property
    def converts(self) -> bool:
        """Whether the file takes or gives something else than the network's own codes."""
        return self.outside.index != self.inside.index

    @property
    def is_rescaled(self) -> bool:
        """Whether integers become others by a multiplication; of bytes a table has all."""
        return self.converts and self.outside.dtype in _INTEGERS

    def codes(self, stored: Stored) -> Stored:
        """Returns the codes (N, ...) that the file makes of its input (N, ...).

        Raises:
            ArtifactError: a real is NaN or infinite.
        """
        if not self.converts:
            return stored
        if self.outside.dtype == "uint8":
            return self.codes_of_bytes()[stored]
        if self.is_rescaled:
            return _rescaled(stored, self.outside, self.inside)
        try:
            return quantize(stored, self.inside.scales[0], self.inside.zero_points[0], self.inside.dtype)
        except ValueError as error:
            raise ArtifactError(f"input {self.outside.name!r}: {error}") from error

    def stored(self, codes: Stored) -> Stored:
        """Returns what the file gives (N, ...) for output codes (N, ...)."""
        if not self.converts:
            return codes
        if self.outside.dtype == "uint8":
            return self.bytes_of_codes()[codes.astype(np.int16) - INT8_MIN]
        if self.is_rescaled:
            return _rescaled(codes, self.inside, self.outside)
        return dequantize(codes, self.inside.scales[0], self.inside.zero_points[0])

    def codes_of_bytes(self) -> Codes:
        """Returns the int8 code of each uint8 code, (256,)."""
        table = _requantized(np.arange(UINT8_MAX + 1), self.outside, self.inside)
        return np.clip(table, INT8_MIN, -INT8_MIN - 1).astype(np.int8)

    def bytes_of_codes(self) -> npt.NDArray[np.uint8]:
        """Returns the uint8 code of each int8 code, (256,), that of -128 first."""
        table = _requantized(np.arange(INT8_MIN, -INT8_MIN), self.inside, self.outside)
        return np.clip(table, 0, UINT8_MAX).astype(np.uint8)


@dataclass(frozen=True)
class Network:
    """A file's network on int8 codes, and how the file's inputs and outputs become codes and come of them."""

    body: Int8Graph
    inputs: tuple[End, ...]
    outputs: tuple[End, ...]


def split_ends(graph: Int8Graph) -> Network:
    """Returns a file's network without the operators that only convert its ends; `graph` has them where they stood."""
    inputs = [_end_of_input(graph, graph.tensors[index]) for index in graph.inputs]
    outputs = [_end_of_output(graph, graph.tensors[index]) for index in graph.outputs]
    # No conversion is a part of another operator, so that its index is its own.
    conversions = {operator.index for _, operator in (*inputs, *outputs) if operator is not None}
    body = replace(
        graph,
        operators=tuple(operator for operator in graph.operators if operator.index not in conversions),
        inputs=tuple(end.inside.index for end, _ in inputs),
        outputs=tuple(end.inside.index for end, _ in outputs),
    )
    return Network(numbered(body), tuple(end for end, _ in inputs), tuple(end for end, _ in outputs))


def numbered(graph: Int8Graph) -> Int8Graph:
    """Returns a graph whose operators have their places as indices; messages go on naming their numbers in the file."""
    operators = tuple(
        replace(operator, index=place, number=operator.number) for place, operator in enumerate(graph.operators)
    )
    return replace(graph, operators=operators)


def _end_of_input(graph: Int8Graph, tensor: Tensor) -> tuple[End, Operator | None]:
    readers = [operator for operator in graph.operators if tensor.index in operator.inputs]
    if tensor.dtype == "int8" or tensor.index in graph.outputs or len(readers) != 1 or readers[0].kind != "QUANTIZE":
        return End(tensor, tensor), None
    (reader,) = readers
    return _converted(graph, tensor, reader.outputs, reader)


def _end_of_output(graph: Int8Graph, tensor: Tensor) -> tuple[End, Operator | None]:
    read = any(tensor.index in operator.inputs for operator in graph.operators)
    writer = next((operator for operator in graph.operators if tensor.index in operator.outputs), None)
    if tensor.dtype == "int8" or read or writer is None or writer.kind not in ("QUANTIZE", "DEQUANTIZE"):
        return End(tensor, tensor), None
    return _converted(graph, tensor, writer.inputs, writer)


def _converted(
    graph: Int8Graph, outside: Tensor, others: Sequence[int], operator: Operator
) -> tuple[End, Operator | None]:
    """Returns the end that an operator makes, or the tensor as it is where the other side is no tensor of codes."""
    inside = graph.tensors[others[0]] if len(others) == 1 and others[0] >= 0 else None
    if inside is None or inside.dtype not in _INSIDE or not _is_coded(inside) or inside.data is not None:
        return End(outside, outside), None
    if outside.dtype == inside.dtype:  # only their scales differ, which is the network's own matter
        return End(outside, outside), None
    wide = outside.dtype == "float32" or (outside.dtype in ("int16", "int32") and _is_coded(outside))
    of_bytes = inside.dtype == "int8" and outside.dtype == "uint8" and _is_coded(outside)
    if not (wide or of_bytes):
        return End(outside, outside), None
    if outside.shape != inside.shape or outside.data is not None:
        return End(outside, outside), None
    return End(outside, inside), operator


def _is_coded(tensor: Tensor) -> bool:
    """Returns whether a tensor of integers holds codes of one usable scale."""
    info = np.iinfo(tensor.dtype)
    # Less another zero point, integers of 32 bits would leave them.
    low, high = (0, 0) if tensor.dtype == "int32" else (info.min, info.max)
    if len(tensor.scales) != 1 or not low <= tensor.zero_points[0] <= high:
        return False
    # Far beyond any network; inside, quotients of scales stay finite in float32 and in fixed point.
    return 2.0**-100 <= tensor.scales[0] <= 2.0**100


def rescaling(source: Tensor, target: Tensor) -> Multiplier:
    """Returns the factor from codes of one tensor to those of another.

    Raises:
        ArtifactError: it has no fixed-point form.
    """
    try:
        return quantize_multiplier(source.scales[0] / target.scales[0])
    except ValueError as error:
        raise ArtifactError(f"tensors {source.name!r} and {target.name!r}: {error}") from error


def _requantized(codes: npt.NDArray[np.integer], source: Tensor, target: Tensor) -> npt.NDArray[np.int64]:
    """Returns codes of one tensor as those of another, not clipped, as the reference's Requantize computes them."""
    raw: npt.NDArray[np.int64] = multiply(codes.astype(np.int64) - source.zero_points[0], rescaling(source, target))
    return raw + target.zero_points[0]


def _rescaled(codes: Stored, source: Tensor, target: Tensor) -> Stored:
    """Returns codes of one tensor as those of another, of its dtype."""
    info = np.iinfo(target.dtype)
    return np.clip(_requantized(codes, source, target), info.min, info.max).astype(target.dtype)
