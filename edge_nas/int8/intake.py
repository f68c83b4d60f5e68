"""The bytes of a .tflite file as people have them, made such that LiteRT and the reader take them.

open_tflite(Path("person_detect_model_data.cc").read_bytes(), "person_detect_model_data.cc").notes

Four things are seen in files that other runtimes run: the file is an array in a C or C++ source; it holds a network for
each of several signatures; `quantized_dimension` is beyond the only dimension of a tensor, which LiteRT refuses; a
dimension of the batch is -1. Whatever is changed is
told in a note, and the network is the same. Broken files pass through: the reader names what is wrong with them.
"""

import re
import struct
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import tflite

from edge_nas.core import atomic
from edge_nas.errors import ArtifactError

IDENTIFIER = b"TFL3"
_COMMENT = re.compile(r"/\*.*?\*/|//[^\n]*", re.DOTALL)
# An array with an initialiser: `NAME[...] attributes = {numbers}`.
_ARRAY = re.compile(r"(\w+)\s*\[[^\]]*\][^={};]*=\s*\{([^{}]*)\}")
# The place of `quantized_dimension` in the table QuantizationParameters of the schema.
_DIMENSION_SLOT = 16
_SHAPE_SLOT = 4
# Of the table Model.
_SUBGRAPHS_SLOT, _SIGNATURES_SLOT = 8, 18
# What following offsets that lead outside ends with.
_BROKEN = (struct.error, ValueError, TypeError, IndexError, OverflowError)


@dataclass(frozen=True)
class TfliteFile:
    """The bytes that are read, and in words what was changed for that."""

    data: bytes
    notes: tuple[str, ...] = ()


def open_tflite(data: bytes, source: str, signature: str | None = None) -> TfliteFile:
    """Returns the .tflite file in what a user's file holds; one that needs no change is returned as it is.

    Args:
        data: a .tflite file, or the text of a C or C++ source with one as an array of bytes.
        source: what to call it in messages.
        signature: which of several networks in the file; there is no need for it where the file has one.

    Raises:
        ArtifactError: a C source without such an array, or with several; a file of several networks without
            `signature`, or without the one that it names.
    """
    notes = []
    if _is_c_source(data):
        name, data = _array_in_c(data.decode("utf-8", errors="replace"), source)
        notes.append(f"the network is the array {name} of a C source")
    changed = bytearray(data)
    try:
        notes += _one_network(changed, source, signature)
        notes += _mended(changed)
    except _BROKEN:
        return TfliteFile(data, tuple(notes))
    return TfliteFile(bytes(changed), tuple(notes))


def open_tflite_path(path: Path, signature: str | None = None) -> TfliteFile:
    """Returns the .tflite file at a path; see `open_tflite`.

    Raises:
        ArtifactError: see `open_tflite`.
        ResourceError: it cannot be read.
    """
    with atomic.resource_errors(path, "read"):
        data = path.read_bytes()
    return open_tflite(data, str(path), signature)


def _is_c_source(data: bytes) -> bool:
    return data[4:8] != IDENTIFIER and b"\0" not in data and b"{" in data


def _array_in_c(text: str, source: str) -> tuple[str, bytes]:
    """Returns name and bytes of the array that begins as a .tflite file does."""
    found = {}
    for name, body in _ARRAY.findall(_COMMENT.sub("", text)):
        values = _byte_values(body)
        if values[4:8] == IDENTIFIER:
            found[name] = values
    if len(found) != 1:
        seen = ", ".join(found) or "none"
        raise ArtifactError(
            f"{source}: a C source with exactly one array of bytes that is a .tflite file is expected; seen: {seen}"
        )
    return next(iter(found.items()))


def _byte_values(body: str) -> bytes:
    """Returns the numbers between the braces of an initialiser; none where something else stands there."""
    try:
        return bytes(int(word, 0) for word in (part.strip() for part in body.split(",")) if word)
    except ValueError:
        return b""


def _one_network(data: bytearray, source: str, signature: str | None) -> Iterable[str]:
    """Leaves a file the network of a signature alone, in place, and returns what was changed.

    Converters write a network for each signature of a SavedModel, as a subgraph each.
    """
    model = tflite.Model.GetRootAs(data, 0)
    definitions = [model.SignatureDefs(i) for i in range(_length(model.SignatureDefsLength(), data))]
    numbers = {
        (definition.SignatureKey() or b"").decode("utf-8", errors="replace"): definition.SubgraphIndex()
        for definition in definitions
    }
    names = ", ".join(sorted(numbers)) or "none"
    if signature is None:
        if len(set(numbers.values())) > 1:
            raise ArtifactError(
                f"{source}: it has a network for each of the signatures {names}; name one with --signature"
            )
        return []
    if signature not in numbers:
        raise ArtifactError(f"{source}: it has no signature {signature!r}; it has: {names}")
    if model.SubgraphsLength() == 1:
        return []
    if any(_runs_before(model.Subgraphs(i), model) for i in range(_length(model.SubgraphsLength(), data))):
        raise ArtifactError(
            f"{source}: its networks have variables (CALL_ONCE), of which one signature cannot be taken out; export "
            "that signature alone"
        )
    table = model._tab
    first = table.Vector(table.Offset(_SUBGRAPHS_SLOT))
    chosen = first + 4 * numbers[signature]
    # Offsets in a list count from where each of them stands.
    struct.pack_into("<I", data, first, struct.unpack_from("<I", data, chosen)[0] + chosen - first)
    struct.pack_into("<I", data, first - 4, 1)
    struct.pack_into("<I", data, table.Vector(table.Offset(_SIGNATURES_SLOT)) - 4, 0)
    return [f"the network of the signature {signature}, one of {names}"]


def _runs_before(subgraph: Any, model: Any) -> bool:
    """Whether a subgraph has another one run before its first call."""
    operators = (subgraph.Operators(i) for i in range(subgraph.OperatorsLength()))
    codes = (model.OperatorCodes(operator.OpcodeIndex()) for operator in operators)
    return any(code.BuiltinCode() == tflite.BuiltinOperator.CALL_ONCE for code in codes)


def _mended(data: bytearray) -> Iterable[str]:
    """Changes a file in place and returns what was changed."""
    dimensions, batches = 0, 0
    model = tflite.Model.GetRootAs(data, 0)
    for subgraph in (model.Subgraphs(i) for i in range(_length(model.SubgraphsLength(), data))):
        for index in range(_length(subgraph.TensorsLength(), data)):
            tensor = subgraph.Tensors(index)
            dimensions += _mend_dimension(data, tensor)
            batches += _mend_batch(data, tensor)
    notes = []
    if dimensions:
        notes.append(f"quantized_dimension of {dimensions} one-dimensional tensors set to 0, the only one that exists")
    if batches:
        notes.append(f"the open batch of {batches} tensors set to 1")
    return notes


def _length(count: int, data: bytearray) -> int:
    """Returns a list's length; a broken one would be walked for minutes."""
    if count > len(data) // 4:
        raise ValueError("a list is longer than the file")
    return count


def _mend_dimension(data: bytearray, tensor: Any) -> int:
    """Sets `quantized_dimension` of a tensor of one dimension to 0; returns 1 where it was something else."""
    quantization = tensor.Quantization()
    if quantization is None or tensor.ShapeLength() != 1 or quantization.QuantizedDimension() == 0:
        return 0
    table = quantization._tab
    struct.pack_into("<i", data, table.Pos + table.Offset(_DIMENSION_SLOT), 0)
    return 1


def _mend_batch(data: bytearray, tensor: Any) -> int:
    """Sets a first dimension of -1 to 1; returns 1 where it was -1."""
    if tensor.ShapeLength() == 0 or tensor.Shape(0) != -1:
        return 0
    table = tensor._tab
    struct.pack_into("<i", data, table.Vector(table.Offset(_SHAPE_SLOT)), 1)
    return 1
