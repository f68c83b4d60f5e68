"""Writes a .tflite file tensor by tensor and operator by operator, with the schema package and flatbuffers."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import flatbuffers
import numpy as np
import numpy.typing as npt
import tflite

from edge_nas.int8.graph import Int8Graph, Operator, Tensor
from edge_nas.int8.kinds import SchemaOptions
from edge_nas.int8.operators import OPERATORS

SCHEMA_VERSION = 3

# For kinds that no operator file registers, which tests of refusals write.
_SECOND_VERSION = 2
_ONE_VERSION = {"SHAPE": 1, "CAST": 1, "TILE": 1}
_OTHER_OPTIONS = {"SHAPE": SchemaOptions("ShapeOptions", ("OutType",))}


# Numbers, or vectors of integers, under the schema's names.
Options = Mapping[str, float | Sequence[int]]


@dataclass(frozen=True)
class WrittenTensor:
    """A tensor of the file, with its batch in front; `dimension`: along which several scales lie."""

    name: str
    shape: tuple[int, ...]
    dtype: str
    scales: tuple[float, ...]
    zero_points: tuple[int, ...]
    dimension: int
    data: npt.NDArray[Any] | None
    variable: bool = False


@dataclass(frozen=True)
class WrittenOperator:
    """An operator of the file; its tensors as numbers, `options` None for none."""

    kind: str
    inputs: tuple[int, ...]
    outputs: tuple[int, ...]
    options: Options | None
    intermediates: tuple[int, ...] = ()


@dataclass
class Writer:
    """Collects a graph; `finish` turns it into the bytes of a file."""

    tensors: list[WrittenTensor] = field(default_factory=list)
    operators: list[WrittenOperator] = field(default_factory=list)

    def tensor(
        self,
        shape: Sequence[int],
        scales: float | Sequence[float] = (),
        zero_points: int | Sequence[int] = (),
        *,
        dtype: str = "int8",
        dimension: int = 0,
        data: npt.NDArray[Any] | None = None,
        variable: bool = False,
    ) -> int:
        """Returns the index of a new tensor; one scale is for the whole of it, several are along `dimension`."""
        all_scales = tuple(np.atleast_1d(scales).tolist())
        all_zero_points = tuple(np.atleast_1d(zero_points).tolist())
        sizes = tuple(int(size) for size in shape)
        if data is not None and data.shape != sizes:
            raise ValueError(f"data of shape {data.shape} for a tensor of shape {sizes}")
        name = f"t{len(self.tensors)}"
        self.tensors.append(WrittenTensor(name, sizes, dtype, all_scales, all_zero_points, dimension, data, variable))
        return len(self.tensors) - 1

    def constant(self, values: Any, dtype: str = "int32") -> int:
        """Returns the index of a new constant without quantization."""
        data = np.array(values, dtype)
        return self.tensor(data.shape, dtype=dtype, data=data)

    def operator(
        self,
        kind: str,
        inputs: Sequence[int],
        outputs: Sequence[int],
        options: Options | None = None,
        intermediates: Sequence[int] = (),
    ) -> None:
        """Appends an operator; `options` are fields of its table under the schema's names, None leaves it out."""
        self.operators.append(WrittenOperator(kind, tuple(inputs), tuple(outputs), options, tuple(intermediates)))

    def finish(self, inputs: Sequence[int], outputs: Sequence[int]) -> bytes:
        """Returns the file."""
        builder = flatbuffers.Builder(1024)
        buffers = [_buffer(builder, None), *(_buffer(builder, tensor.data) for tensor in self.tensors)]
        tensors = [_tensor(builder, tensor, i + 1) for i, tensor in enumerate(self.tensors)]
        kinds = sorted({operator.kind for operator in self.operators})
        codes = [_code(builder, kind) for kind in kinds]
        operators = [_operator(builder, operator, kinds.index(operator.kind)) for operator in self.operators]
        subgraph = _table(
            builder,
            "SubGraph",
            Tensors=_offsets(builder, tensors),
            Inputs=_integers(builder, inputs),
            Outputs=_integers(builder, outputs),
            Operators=_offsets(builder, operators),
        )
        model = _table(
            builder,
            "Model",
            Version=SCHEMA_VERSION,
            OperatorCodes=_offsets(builder, codes),
            Subgraphs=_offsets(builder, [subgraph]),
            Buffers=_offsets(builder, buffers),
        )
        builder.Finish(model, b"TFL3")
        return bytes(builder.Output())

    def graph(self, inputs: Sequence[int], outputs: Sequence[int], source: str) -> Int8Graph:
        """Returns what the file of `finish` would be read as.

        Args:
            inputs: of the network.
            outputs: of the network.
            source: what to call it in messages.

        Raises:
            ValueError: an operator lacks an option of its kind: the schema would fill in a default.
        """
        tensors = tuple(
            Tensor(
                index,
                tensor.name,
                tensor.shape,
                tensor.dtype,
                # As a file holds them.
                tuple(np.asarray(tensor.scales, np.float32).tolist()),
                tensor.zero_points,
                tensor.dimension,
                tensor.data,
                tensor.variable,
            )
            for index, tensor in enumerate(self.tensors)
        )
        operators = tuple(_read_back(index, operator) for index, operator in enumerate(self.operators))
        return Int8Graph(tensors, operators, tuple(inputs), tuple(outputs), source)


def _read_back(index: int, operator: WrittenOperator) -> Operator:
    """Returns an operator as a reader sees it: the options that say what its kind computes."""
    schema = OPERATORS[operator.kind].options
    integers: dict[str, int] = {}
    reals: dict[str, float] = {}
    lists: dict[str, tuple[int, ...]] = {}
    if schema is not None and operator.options is not None:
        missing = {*schema.integers, *schema.reals} - set(operator.options)
        if missing:
            raise ValueError(f"operator {index} ({operator.kind}): the options {sorted(missing)} are missing")
        numbers = {name: value for name, value in operator.options.items() if not isinstance(value, Sequence)}
        integers = {name: int(numbers[name]) for name in schema.integers}
        reals = {name: float(np.float32(numbers[name])) for name in schema.reals}
        lists = {
            name: tuple(map(int, value)) for name, value in operator.options.items() if isinstance(value, Sequence)
        }
        lists = {name: lists.get(name, ()) for name in schema.lists}
    inputs, outputs, inside = operator.inputs, operator.outputs, operator.intermediates
    return Operator(index, operator.kind, inputs, outputs, integers, reals, intermediates=inside, list_options=lists)


def _table(builder: flatbuffers.Builder, name: str, **fields: Any) -> int:
    """Returns the offset of a table; what it refers to must be written before."""
    getattr(tflite, f"{name}Start")(builder)
    for key, value in fields.items():
        getattr(tflite, f"{name}Add{key}")(builder, value)
    return int(getattr(tflite, f"{name}End")(builder))


def _vector(builder: flatbuffers.Builder, values: Sequence[Any], size: int, prepend: Callable[[Any], None]) -> int:
    builder.StartVector(size, len(values), size)
    for value in reversed(values):
        prepend(value)
    return int(builder.EndVector())


def _offsets(builder: flatbuffers.Builder, values: Sequence[int]) -> int:
    return _vector(builder, values, 4, builder.PrependUOffsetTRelative)


def _integers(builder: flatbuffers.Builder, values: Sequence[int]) -> int:
    return _vector(builder, values, 4, builder.PrependInt32)


def _buffer(builder: flatbuffers.Builder, data: npt.NDArray[Any] | None) -> int:
    if data is None:
        return _table(builder, "Buffer")
    raw = np.frombuffer(data.tobytes(), np.uint8)
    builder.StartVector(1, len(raw), 16)
    builder.head = builder.head - len(raw)
    builder.Bytes[builder.head : builder.head + len(raw)] = raw.tobytes()
    return _table(builder, "Buffer", Data=builder.EndVector())


def _tensor(builder: flatbuffers.Builder, tensor: WrittenTensor, buffer: int) -> int:
    name = builder.CreateString(tensor.name)
    shape = _integers(builder, tensor.shape)
    fields: dict[str, Any] = {
        "Shape": shape,
        "Type": getattr(tflite.TensorType, tensor.dtype.upper()),
        "Buffer": buffer,
        "Name": name,
        "IsVariable": tensor.variable,
    }
    if tensor.scales:
        scales = _vector(builder, tensor.scales, 4, builder.PrependFloat32)
        zero_points = _vector(builder, tensor.zero_points, 8, builder.PrependInt64)
        fields["Quantization"] = _table(
            builder,
            "QuantizationParameters",
            Scale=scales,
            ZeroPoint=zero_points,
            QuantizedDimension=tensor.dimension,
        )
    return _table(builder, "Tensor", **fields)


def _code(builder: flatbuffers.Builder, kind: str) -> int:
    number = getattr(tflite.BuiltinOperator, kind)
    # Numbers above 127 do not fit the old field, which then holds a marker.
    return _table(
        builder,
        "OperatorCode",
        DeprecatedBuiltinCode=min(number, 127),
        BuiltinCode=number,
        Version=OPERATORS[kind].version if kind in OPERATORS else _ONE_VERSION.get(kind, _SECOND_VERSION),
    )


def _operator(builder: flatbuffers.Builder, operator: WrittenOperator, code: int) -> int:
    fields: dict[str, Any] = {
        "OpcodeIndex": code,
        "Inputs": _integers(builder, operator.inputs),
        "Outputs": _integers(builder, operator.outputs),
    }
    if operator.intermediates:
        fields["Intermediates"] = _integers(builder, operator.intermediates)
    kind = operator.kind
    schema = OPERATORS[kind].options if kind in OPERATORS else _OTHER_OPTIONS.get(kind)
    if schema is not None and operator.options is not None:
        options: dict[str, Any] = {}
        for name, value in operator.options.items():
            if isinstance(value, Sequence):
                options[name] = _integers(builder, value)
            else:
                options[name] = float(value) if name in schema.reals else int(value)
        fields["BuiltinOptionsType"] = getattr(tflite.BuiltinOptions, schema.table)
        fields["BuiltinOptions"] = _table(builder, schema.table, **options)
    return _table(builder, "Operator", **fields)
