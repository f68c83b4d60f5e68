"""An .onnx file looked at as `edge-nas inspect` looks at files; nothing is run."""

import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import onnx

from edge_nas.boards import Board
from edge_nas.errors import ArtifactError
from edge_nas.int8.inspection import board_fit
from edge_nas.int8.memory import OperatorNode, live_bytes
from edge_nas.results.artifacts import TensorSpec
from edge_nas.results.inspect import InspectedOperator, Inspection

_REASON = (
    "ONNX is not compiled: C is made of int8 .tflite files; export the network it was made of to Keras, then "
    "edge-nas quantize"
)
_UNKNOWN = TensorSpec(name="", shape=(), dtype="unknown")


def inspect_onnx(path: Path, boards: list[Board]) -> Inspection:
    """Returns what is known of an .onnx file: operators, shapes, multiplications of Conv, Gemm and MatMul, memory.

    Args:
        path: the file.
        boards: beside whose memories its least sizes are held.

    Raises:
        ArtifactError: it is no ONNX file.
    """
    try:
        model = onnx.shape_inference.infer_shapes(onnx.load(str(path), load_external_data=False))
        graph = model.graph
    except MemoryError:
        raise
    except Exception as error:  # of protobuf and of the library's own
        raise ArtifactError(f"{path}: not a valid .onnx file: {type(error).__name__}: {error}") from error
    constants = {tensor.name: tuple(tensor.dims) for tensor in graph.initializer}
    inputs = [value for value in graph.input if value.name not in constants]
    specs = {value.name: _spec(value) for value in (*inputs, *graph.value_info, *graph.output)}
    nodes, sizes, numbers = _nodes(graph, specs, constants)
    first, last = ([numbers[each.name] for each in ends if each.name in numbers] for ends in (inputs, graph.output))
    live = live_bytes(nodes, sizes, first, last, str(path))
    constant_bytes = sum(math.prod(shape) * _item_bytes(graph, name) for name, shape in constants.items())
    return Inspection(
        source=str(path),
        notes=(),
        inputs=tuple(specs[value.name] for value in inputs),
        outputs=tuple(specs[value.name] for value in graph.output),
        operators=tuple(
            InspectedOperator(
                number=number,
                kind=node.kind,
                output=specs.get(proto.output[0], _UNKNOWN.model_copy(update={"name": proto.output[0]})),
                macs=node.macs,
                live_bytes=alive,
            )
            for number, (node, proto, alive) in enumerate(zip(nodes, graph.node, live, strict=True))
        ),
        macs=sum(node.macs for node in nodes),
        params=sum(math.prod(shape) for shape in constants.values()),
        file_bytes=path.stat().st_size,
        constant_bytes=constant_bytes,
        peak_ram_bytes=max(live, default=0),
        boards=tuple(board_fit(board, constant_bytes, max(live, default=0)) for board in boards),
        not_compiled=_REASON,
    )


def _spec(value: Any) -> TensorSpec:
    """Returns name, shape and dtype of a value; an open dimension counts as 1."""
    kind = value.type.tensor_type
    shape = tuple(int(dimension.dim_value) or 1 for dimension in kind.shape.dim)
    dtype = onnx.TensorProto.DataType.Name(kind.elem_type).lower() if kind.elem_type else "unknown"
    return TensorSpec(name=value.name, shape=shape, dtype={"float": "float32", "double": "float64"}.get(dtype, dtype))


def _nodes(
    graph: Any, specs: Mapping[str, TensorSpec], constants: Mapping[str, Sequence[int]]
) -> tuple[list[OperatorNode], dict[int, int], dict[str, int]]:
    """Returns the operators, the bytes of every activation by our number, and the numbers by name."""
    numbers: dict[str, int] = {}
    sizes: dict[int, int] = {}

    def number(name: str) -> int:
        if name not in numbers:
            spec = specs.get(name)
            numbers[name] = len(numbers)
            sizes[numbers[name]] = 0 if spec is None else math.prod(spec.shape) * _bytes_of(spec.dtype)
        return numbers[name]

    nodes = []
    for value in graph.input:
        if value.name not in constants:
            number(value.name)
    for proto in graph.node:
        read = tuple(number(name) for name in proto.input if name and name not in constants)
        written = tuple(number(name) for name in proto.output if name)
        nodes.append(OperatorNode(proto.name, proto.op_type, read, written, _macs(proto, specs, constants), 0))
    return nodes, sizes, numbers


def _macs(proto: Any, specs: Mapping[str, TensorSpec], constants: Mapping[str, Sequence[int]]) -> int:
    """Returns the multiplications of Conv, Gemm and MatMul; 0 of others, and where a shape is not known."""
    output = specs.get(proto.output[0])
    if output is None or len(proto.input) < 2:
        return 0
    weights: Sequence[int] = constants.get(proto.input[1], ())
    if not weights and proto.input[1] in specs:
        weights = specs[proto.input[1]].shape
    if proto.op_type == "Conv" and weights:
        return math.prod(output.shape) * math.prod(weights[1:])
    if proto.op_type in ("Gemm", "MatMul") and len(weights) > 1:
        return (
            math.prod(output.shape)
            * math.prod(weights)
            // max(math.prod(output.shape[-1:]), 1)
            // max(math.prod(weights[:-2]), 1)
        )
    return 0


def _item_bytes(graph: Any, name: str) -> int:
    tensor = next(tensor for tensor in graph.initializer if tensor.name == name)
    return int(onnx.helper.tensor_dtype_to_np_dtype(tensor.data_type).itemsize)


def _bytes_of(dtype: str) -> int:
    return {"float32": 4, "float64": 8, "int64": 8, "int32": 4, "float16": 2, "int16": 2, "uint16": 2}.get(dtype, 1)
