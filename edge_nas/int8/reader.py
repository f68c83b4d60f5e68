"""Reads a .tflite file as an `Int8Graph`, without TensorFlow; float files can be read as well.

The bytes are first checked by LiteRT's own C++ verifier: the schema package alone follows any offset it finds.
"""

import math
import struct
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import numpy.typing as npt
import tflite
from ai_edge_litert.interpreter import Interpreter, OpResolverType

from edge_nas.errors import ArtifactError
from edge_nas.int8.graph import Int8Graph, Operator, Tensor
from edge_nas.int8.operators import OPERATORS

_DTYPES = {
    getattr(tflite.TensorType, name.upper()): np.dtype(name)
    for name in (
        *("float16", "float32", "float64", "bool"),
        *("int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64"),
    )
}
# A handle of a variable: it has no bytes.
_DTYPES[tflite.TensorType.RESOURCE] = np.dtype("void")


def read_tflite(data: bytes, source: str) -> Int8Graph:
    """Returns the network held by the bytes of a .tflite file.

    Args:
        data: the whole file.
        source: what to call it in messages, usually its path.

    Raises:
        ArtifactError: the bytes are no valid TFLite file, or hold what is not read here (several subgraphs, custom
            operators, sparse tensors, tensors of 4 bits, strings or resources, data outside the flatbuffer).
    """
    _verify(data, source)
    model = tflite.Model.GetRootAs(data, 0)
    graph = _graph(model, 0, source)
    # What runs before the first call sets variables; a subgraph that something else calls is control flow.
    numbers = {operator.options["InitSubgraphIndex"] for operator in graph.operators if operator.kind == "CALL_ONCE"}
    if model.SubgraphsLength() != 1 + len(numbers - {0}) or max(numbers, default=0) >= model.SubgraphsLength():
        raise ArtifactError(
            f"{source}: {model.SubgraphsLength()} subgraphs, of which {len(numbers)} run before the first call; only "
            "one is read besides those (no control flow, which a GRU or SimpleRNN of Keras becomes; an LSTM is read)"
        )
    return replace(graph, subgraphs={number: _graph(model, number, source) for number in sorted(numbers)})


def _graph(model: Any, number: int, source: str) -> Int8Graph:
    """Returns one subgraph."""
    subgraph = model.Subgraphs(number)
    tensors = tuple(_tensor(model, subgraph.Tensors(i), i, source) for i in range(subgraph.TensorsLength()))
    operators = tuple(
        _operator(model, subgraph.Operators(i), i, len(tensors), source) for i in range(subgraph.OperatorsLength())
    )
    inputs = tuple(subgraph.Inputs(i) for i in range(subgraph.InputsLength()))
    outputs = tuple(subgraph.Outputs(i) for i in range(subgraph.OutputsLength()))
    _check_indices((*inputs, *outputs), 0, len(tensors), "the network's inputs and outputs", source)
    _check_writers(operators, tensors, inputs, source)
    return Int8Graph(tensors, operators, inputs, outputs, source)


def _verify(data: bytes, source: str) -> None:
    """Lets LiteRT check the flatbuffer: every offset inside, every table complete, operators known."""
    if not data:
        raise ArtifactError(f"{source}: the file is empty; a .tflite file was expected")
    if not _has_lists(data):
        raise ArtifactError(f"{source}: not a valid .tflite file: operator codes, subgraphs or buffers are missing")
    try:
        Interpreter(
            model_content=data,
            num_threads=1,
            # Without delegates nothing is prepared or logged beyond the check itself.
            experimental_op_resolver_type=OpResolverType.BUILTIN_WITHOUT_DEFAULT_DELEGATES,
        )
    except (ValueError, RuntimeError) as error:
        raise ArtifactError(f"{source}: not a valid .tflite file: {error}") from error


def _has_lists(data: bytes) -> bool:
    """Returns whether a file has the lists that LiteRT 2.3 reads without looking: where one is missing it crashes."""
    try:
        model = tflite.Model.GetRootAs(data, 0)
        return not (model.OperatorCodesIsNone() or model.SubgraphsIsNone() or model.BuffersIsNone())
    except (struct.error, ValueError, TypeError, IndexError, OverflowError):
        return True  # offsets lead outside: LiteRT's verifier names that


def _tensor(model: Any, raw: Any, index: int, source: str) -> Tensor:
    name = (raw.Name() or b"").decode("utf-8", errors="replace")
    where = f"{source}: tensor {index} ({name!r})"
    shape = tuple(raw.Shape(i) for i in range(raw.ShapeLength()))
    if min(shape, default=0) < 0:
        raise ArtifactError(f"{where}: shape {shape} has a negative dimension")
    if raw.Type() not in _DTYPES:
        allowed = ", ".join(dtype.name for dtype in _DTYPES.values())
        raise ArtifactError(f"{where}: element type number {raw.Type()} is not read; allowed: {allowed}")
    if raw.Sparsity() is not None:
        raise ArtifactError(f"{where}: sparse tensors are not read; convert without sparse storage")
    dtype = _DTYPES[raw.Type()]
    quantization = raw.Quantization()
    scales: tuple[float, ...] = ()
    zero_points: tuple[int, ...] = ()
    dimension = 0
    if quantization is not None:
        # Whole vectors at once: one by one, a wide network's channels would take most of the time of reading.
        scales = tuple(quantization.ScaleAsNumpy().tolist()) if quantization.ScaleLength() else ()
        zero_points = tuple(quantization.ZeroPointAsNumpy().tolist()) if quantization.ZeroPointLength() else ()
        dimension = quantization.QuantizedDimension()
        if len(scales) != len(zero_points):
            raise ArtifactError(f"{where}: {len(scales)} scales but {len(zero_points)} zero points")
    data = _constant(model, raw.Buffer(), shape, dtype, where)
    return Tensor(index, name, shape, dtype.name, scales, zero_points, dimension, data, bool(raw.IsVariable()))


def _constant(
    model: Any, buffer_index: int, shape: tuple[int, ...], dtype: np.dtype[Any], where: str
) -> npt.NDArray[Any] | None:
    """Returns the constant of `shape` and `dtype` in a buffer; None where the buffer is empty, as for activations."""
    if buffer_index >= model.BuffersLength():
        raise ArtifactError(f"{where}: buffer {buffer_index} does not exist; there are {model.BuffersLength()}")
    buffer = model.Buffers(buffer_index)
    if buffer.Offset() > 1:  # 0 and 1 both mean "inside the flatbuffer"
        raise ArtifactError(f"{where}: its data lies outside the flatbuffer; only files below 2 GiB are read")
    length = buffer.DataLength()
    elements = math.prod(shape)
    if length == 0 and elements > 0:
        return None
    if length != elements * dtype.itemsize:
        raise ArtifactError(f"{where}: {length} bytes of data for shape {shape} of {dtype.name}")
    raw = buffer.DataAsNumpy() if length else np.zeros(0, np.uint8)
    # tobytes: a view into the flatbuffer need not be aligned for `dtype`
    return np.frombuffer(raw.tobytes(), dtype).reshape(shape)


def _operator(model: Any, raw: Any, index: int, tensors: int, source: str) -> Operator:
    where = f"{source}: operator {index}"
    if raw.OpcodeIndex() >= model.OperatorCodesLength():
        raise ArtifactError(f"{where}: operator code {raw.OpcodeIndex()} does not exist")
    code = model.OperatorCodes(raw.OpcodeIndex())
    # Old files fill only the 8-bit deprecated field; the larger of the two is the operator (schema.fbs).
    number = max(code.BuiltinCode(), code.DeprecatedBuiltinCode())
    kind = tflite.BUILTIN_OPCODE2NAME.get(number)
    if kind is None or kind == "CUSTOM":
        custom = (code.CustomCode() or b"").decode("utf-8", errors="replace")
        raise ArtifactError(f"{where}: custom or unknown operator {custom!r} (number {number}); only built-in ones")
    inputs = tuple(raw.Inputs(i) for i in range(raw.InputsLength()))
    outputs = tuple(raw.Outputs(i) for i in range(raw.OutputsLength()))
    _check_indices(inputs, -1, tensors, f"the inputs of operator {index} ({kind})", source)
    _check_indices(outputs, 0, tensors, f"the outputs of operator {index} ({kind})", source)
    intermediates = tuple(raw.Intermediates(i) for i in range(raw.IntermediatesLength()))
    _check_indices(intermediates, 0, tensors, f"the intermediates of operator {index} ({kind})", source)
    if kind == "CALL_ONCE":
        table = _table(raw, "CallOnceOptions", f"{where} ({kind})")
        return Operator(index, kind, inputs, outputs, {"InitSubgraphIndex": table.InitSubgraphIndex()})
    if kind == "VAR_HANDLE":
        table = _table(raw, "VarHandleOptions", f"{where} ({kind})")
        name = b"/".join(part or b"" for part in (table.Container(), table.SharedName()))
        return Operator(index, kind, inputs, outputs, {}, variable_name=name.decode("utf-8", errors="replace"))
    integers, reals, lists = _options(raw, kind, where)
    return Operator(index, kind, inputs, outputs, integers, reals, intermediates=intermediates, list_options=lists)


def _options(
    raw: Any, kind: str, where: str
) -> tuple[Mapping[str, int], Mapping[str, float], Mapping[str, tuple[int, ...]]]:
    """Returns the options that say what an operator computes; none where its kind is not known or the file has none."""
    schema = OPERATORS[kind].options if kind in OPERATORS else None
    if schema is None or not (schema.integers or schema.reals or schema.lists) or raw.BuiltinOptions() is None:
        return {}, {}, {}
    table = _table(raw, schema.table, f"{where} ({kind})")
    integers = {name: int(getattr(table, name)()) for name in schema.integers}
    reals = {name: float(getattr(table, name)()) for name in schema.reals}
    lengths = {name: getattr(table, f"{name}Length")() for name in schema.lists}
    lists = {name: tuple(int(getattr(table, name)(at)) for at in range(count)) for name, count in lengths.items()}
    return integers, reals, lists


def _table(raw: Any, name: str, where: str) -> Any:
    """Returns an operator's options as the schema's table of a name."""
    if raw.BuiltinOptions() is None or raw.BuiltinOptionsType() != getattr(tflite.BuiltinOptions, name):
        raise ArtifactError(f"{where}: its options are not {name}")
    table = getattr(tflite, name)()
    table.Init(raw.BuiltinOptions().Bytes, raw.BuiltinOptions().Pos)
    return table


def _check_indices(indices: tuple[int, ...], low: int, high: int, what: str, source: str) -> None:
    bad = [index for index in indices if not low <= index < high]
    if bad:
        raise ArtifactError(f"{source}: {what} name tensor {bad[0]}, allowed are {low} to {high - 1}")


def _check_writers(
    operators: tuple[Operator, ...], tensors: tuple[Tensor, ...], inputs: tuple[int, ...], source: str
) -> None:
    """Refuses a tensor that has two sources: who reads it, and how long it lives, would depend on the runtime."""
    writers = dict.fromkeys(inputs, "is a network input")
    writers |= {tensor.index: "is a constant" for tensor in tensors if tensor.data is not None}
    for operator in operators:
        for index in operator.outputs:
            if index in writers:
                raise ArtifactError(
                    f"{source}: operator {operator.number} ({operator.kind}) writes tensor {index} "
                    f"{tensors[index].name!r}, which {writers[index]} already; one source per tensor is allowed"
                )
            writers[index] = f"operator {operator.number} ({operator.kind}) writes"
