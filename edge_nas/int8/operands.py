"""What every operator has once it is parsed, and the checked way from a file's operator to it.

Shapes here leave out the batch, which is 1 in the files and N in `run`.
"""

import math
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Self, TypedDict

import numpy as np
import numpy.typing as npt

from edge_nas.errors import ArtifactError
from edge_nas.int8.arithmetic import INT8_MAX, INT8_MIN, INT16_MAX, INT16_MIN, Multiplier, quantize_multiplier
from edge_nas.int8.graph import Int8Graph, Operator, Tensor
from edge_nas.int8.shapes import OperandShapes

Codes = npt.NDArray[np.int8]
# Codes of any dtype that an operator knows.
Stored = npt.NDArray[Any]
Shape = tuple[int, ...]

_MOST_DIMENSIONS = 4
# Of operators for which dimensions are names of places: as many as schema and numpy know.
ANY_DIMENSIONS = 32
# The smallest and largest code of a dtype.
CODE_RANGES = {"int8": (INT8_MIN, INT8_MAX), "int16": (INT16_MIN, INT16_MAX)}
# Far beyond any network; inside, quotients of scales stay finite in float32.
_SMALLEST_SCALE, _LARGEST_SCALE = 2.0**-100, 2.0**100
# The schema's name of the option that many operators have.
FUSED_ACTIVATION = ("FusedActivationFunction",)
_FUSED_ACTIVATIONS = {0: "NONE", 1: "RELU", 2: "RELU_N1_TO_1", 3: "RELU6"}


@dataclass(frozen=True, eq=False, kw_only=True)
class ParsedOperator(ABC):
    """An operator with all its integers resolved: how it is read, what it computes and what it costs.

    Attributes:
        index: its position in the file.
        kind: its name in the schema.
        inputs: the int8 tensors it reads at run time, in the order of `run`'s arguments; weights, biases and shapes
            are not among them.
        constants: the codes of those of `inputs` that the file holds, by tensor.
        output: the tensor it writes.
        input_shapes: without the batch, one per entry of `inputs`.
        output_shape: without the batch.
        dtype: of the codes that it writes.
        states: the tensors that it keeps from call to call; `run` gets them behind its inputs and changes them.
        parameter_slots: which of the file's inputs are weights and biases of multiplications, for parameter counts.
    """

    parameter_slots: ClassVar[tuple[int, ...]] = ()

    index: int
    kind: str
    inputs: tuple[int, ...]
    constants: Mapping[int, Stored]
    output: int
    input_shapes: tuple[Shape, ...]
    output_shape: Shape
    dtype: str = "int8"
    states: tuple[int, ...] = ()

    @classmethod
    @abstractmethod
    def parse(cls, operands: "Operands") -> Self:
        """Returns what an operator of a file computes.

        Raises:
            ArtifactError: something about it is not supported; the message names it.
        """

    # A subclass names its inputs: `Any` lets it take as many as it has.
    @abstractmethod
    def run(self, *inputs: Any) -> Stored:
        """Returns the output codes (N, ...) for input codes (N, ...), of which a constant has N = 1."""

    @classmethod
    def macs(cls, shapes: OperandShapes) -> int:  # noqa: ARG003 - most operators have none, whatever their shapes
        """Returns the multiply-accumulates of an operator with operands of these shapes, in a float file as well."""
        return 0

    @property
    def input(self) -> int:
        """The first (often only) tensor it reads."""
        return self.inputs[0]

    @property
    def input_shape(self) -> Shape:
        """Shape of the first input, without the batch."""
        return self.input_shapes[0]


@dataclass(frozen=True)
class CodeTensor:
    """A tensor of codes of one scale: real = scale * (code - zero_point).

    `shape` leaves out the batch; that of a constant of fewer dimensions than the output is aligned at the end. `dtype`
    is int8, or int16 where an operator knows such codes.
    """

    index: int
    shape: Shape
    scale: float
    zero_point: int
    constant: bool
    dtype: str = "int8"


class Wiring(TypedDict):
    """The fields of a ParsedOperator."""

    index: int
    kind: str
    inputs: tuple[int, ...]
    constants: Mapping[int, Stored]
    output: int
    input_shapes: tuple[Shape, ...]
    output_shape: Shape
    dtype: str


class Operands:
    """The tensors and options of one operator; every question answers or raises an ArtifactError that names it."""

    def __init__(self, graph: Int8Graph, operator: Operator) -> None:
        self.graph = graph
        self.operator = operator
        if len(operator.outputs) != 1:
            raise self.refusal(f"it has {len(operator.outputs)} outputs; exactly one is supported")

    @property
    def kind(self) -> str:
        """The operator's name in the schema."""
        return self.operator.kind

    def refusal(self, problem: str, tensor: Tensor | None = None) -> ArtifactError:
        """Returns the error for a problem of the operator, or of one of its tensors."""
        where = f"{self.graph.source}: operator {self.operator.number} ({self.operator.kind})"
        if tensor is not None:
            where += f": tensor {tensor.index} {tensor.name!r} of shape {tensor.shape}"
        return ArtifactError(f"{where}: {problem}")

    def expect_inputs(self, minimum: int, maximum: int) -> None:
        """Refuses another number of inputs; a trailing optional one may be given as absent (-1)."""
        count = len(self.operator.inputs)
        if not minimum <= count <= maximum:
            allowed = str(minimum) if minimum == maximum else f"{minimum} to {maximum}"
            raise self.refusal(f"it has {count} inputs; supported: {allowed}")

    def has_input(self, slot: int) -> bool:
        """True where the slot is filled."""
        return slot < len(self.operator.inputs) and self.operator.inputs[slot] >= 0

    def moved(self, slot: int, rank: int | None = None, *, most: int = _MOST_DIMENSIONS) -> CodeTensor:
        """Returns an input that is copied, no constant: of int8, or of int16 without zero point.

        `most`: dimensions that it may have, its batch included.
        """
        return self._movable(self.activation(slot, rank, tuple(CODE_RANGES), most))

    def moved_or_constant(self, slot: int) -> CodeTensor:
        """Returns an input that is copied, which may be a constant; see `moved`."""
        return self._movable(self.input(slot, dtypes=tuple(CODE_RANGES)))

    def moved_output(
        self, source: CodeTensor, shape: Shape | None = None, *, most: int = _MOST_DIMENSIONS
    ) -> CodeTensor:
        """Returns the output that codes of `source` are copied to; see `output`."""
        return self.output(shape, source, (source.dtype,), most)

    def _movable(self, codes: CodeTensor) -> CodeTensor:
        return codes if codes.dtype == "int8" else self._symmetric(codes)

    def short(self, slot: int, rank: int | None = None) -> CodeTensor:
        """Returns an int16 input that is no constant, whose zero point is 0."""
        return self._symmetric(self.activation(slot, rank, ("int16",)))

    def short_output(self, shape: Shape | None = None, same_codes_as: CodeTensor | None = None) -> CodeTensor:
        """Returns the int16 output, whose zero point is 0; see `output`."""
        return self._symmetric(self.output(shape, same_codes_as, ("int16",)))

    def input(self, slot: int, rank: int | None = None, dtypes: Sequence[str] = ("int8",)) -> CodeTensor:
        """Returns an input of codes; `rank` counts the dimensions without the batch."""
        return self._codes(self.tensor(slot), rank, dtypes)

    def activation(
        self,
        slot: int,
        rank: int | None = None,
        dtypes: Sequence[str] = ("int8",),
        most: int = _MOST_DIMENSIONS,
    ) -> CodeTensor:
        """Returns an input of codes that is no constant."""
        tensor = self.tensor(slot)
        if tensor.data is not None:
            raise self.refusal("it is a constant; only computed inputs are supported here", tensor)
        return self._codes(tensor, rank, dtypes, most)

    def output(
        self,
        shape: Shape | None = None,
        same_codes_as: CodeTensor | None = None,
        dtypes: Sequence[str] = ("int8",),
        most: int = _MOST_DIMENSIONS,
    ) -> CodeTensor:
        """Returns the output of codes.

        Args:
            shape: what its shape without the batch must be; None accepts any.
            same_codes_as: a tensor of whose scale and zero point it must be.
            dtypes: what its codes may be.
            most: dimensions that it may have, its batch included.
        """
        tensor = self.graph.tensors[self.operator.outputs[0]]
        codes = self._codes(tensor, None, dtypes, most)
        if shape is not None and codes.shape != shape:
            raise self.refusal(f"the inputs and options give the output shape {(1, *shape)}", tensor)
        other = same_codes_as
        if other is not None and (codes.scale, codes.zero_point) != (other.scale, other.zero_point):
            raise self.refusal(
                f"scale {codes.scale} and zero point {codes.zero_point} differ from the input's {other.scale} and "
                f"{other.zero_point}; this operator copies codes, so they must be equal",
                tensor,
            )
        return codes

    def constant(self, slot: int, dtypes: str | tuple[str, ...], rank: int) -> npt.NDArray[Any]:
        """Returns the values of a constant input of a dtype and number of dimensions (no batch is meant here)."""
        tensor = self.tensor(slot)
        allowed = (dtypes,) if isinstance(dtypes, str) else dtypes
        if tensor.dtype not in allowed:
            raise self.refusal(f"it is {tensor.dtype}; supported: {', '.join(allowed)}", tensor)
        if tensor.data is None:
            raise self.refusal("it is computed at run time; only a constant is supported here", tensor)
        if tensor.data.ndim != rank:
            raise self.refusal(f"{rank} dimensions are expected", tensor)
        return tensor.data

    def tensor(self, slot: int) -> Tensor:
        """Returns the tensor in an input slot."""
        if not self.has_input(slot):
            raise self.refusal(f"input {slot} is missing")
        return self.graph.tensors[self.operator.inputs[slot]]

    def axis(self, slot: int, rank: int) -> int:
        """Returns a constant of one number as a dimension, counted without the batch, which is not it.

        Args:
            slot: of the input.
            rank: number of dimensions without the batch.
        """
        tensor = self.tensor(slot)
        values = self.constant(slot, ("int32", "int64"), len(tensor.shape)).reshape(-1).tolist()
        axis = values[0] + rank + 1 if values and values[0] < 0 else (values or [0])[0]
        if len(values) != 1 or not 1 <= axis <= rank:
            raise self.refusal(f"the axis is {values}; supported: one of 1 to {rank} or {-rank} to -1", tensor)
        return int(axis - 1)

    def option(self, name: str, minimum: int | None = None) -> int:
        """Returns an option of the schema, at least `minimum`."""
        if name not in self.operator.options:
            raise self.refusal(f"the option {name} is missing")
        value = self.operator.options[name]
        if minimum is not None and value < minimum:
            raise self.refusal(f"the option {name} is {value}; at least {minimum} is supported")
        return value

    def real_option(self, name: str) -> float:
        """Returns an option of the schema that is a finite real number."""
        if name not in self.operator.real_options:
            raise self.refusal(f"the option {name} is missing")
        value = self.operator.real_options[name]
        if not math.isfinite(value):
            raise self.refusal(f"the option {name} is {value}; a finite number is expected")
        return value

    def expect_option(self, name: str, value: int) -> None:
        """Refuses any value of an option but one."""
        if self.option(name) != value:
            raise self.refusal(f"the option {name} is {self.option(name)}; supported: {value}")

    def wiring(self, sources: Sequence[CodeTensor], output: CodeTensor) -> Wiring:
        """Returns the fields that every parsed operator has."""
        tensors = [self.graph.tensors[source.index] for source in sources]
        return Wiring(
            index=self.operator.index,
            kind=self.operator.kind,
            inputs=tuple(source.index for source in sources),
            constants={tensor.index: tensor.data for tensor in tensors if tensor.data is not None},
            output=output.index,
            input_shapes=tuple(source.shape for source in sources),
            output_shape=output.shape,
            dtype=output.dtype,
        )

    def multiplier(self, factor: float) -> Multiplier:
        """Returns a rescaling factor in fixed point."""
        try:
            return quantize_multiplier(factor)
        except ValueError as error:
            raise self.refusal(f"its scales do not go together: {error}") from error

    def fused_range(self, output: CodeTensor) -> tuple[int, int]:
        """Returns the smallest and largest code that the fused activation lets through."""
        number = self.option("FusedActivationFunction")
        if number not in _FUSED_ACTIVATIONS:
            allowed = ", ".join(_FUSED_ACTIVATIONS.values())
            raise self.refusal(f"fused activation number {number} is not supported; supported: {allowed}")
        name = _FUSED_ACTIVATIONS[number]
        low = {"RELU": 0.0, "RELU6": 0.0, "RELU_N1_TO_1": -1.0}.get(name)
        high = {"RELU6": 6.0, "RELU_N1_TO_1": 1.0}.get(name)
        smallest, largest = CODE_RANGES[output.dtype]
        return (
            smallest if low is None else max(smallest, code_of(low, output)),
            largest if high is None else min(largest, code_of(high, output)),
        )

    def _codes(
        self, tensor: Tensor, rank: int | None, dtypes: Sequence[str], most: int = _MOST_DIMENSIONS
    ) -> CodeTensor:
        if tensor.dtype not in dtypes:
            allowed = " or ".join(dtypes)
            raise self.refusal(f"it is {tensor.dtype}; only {allowed} is supported (no float fallback)", tensor)
        scale, zero_point = self._quantization(tensor)
        shape = self._without_batch(tensor, most)
        if rank is not None and len(shape) != rank:
            raise self.refusal(f"{rank + 1} dimensions are expected", tensor)
        return CodeTensor(tensor.index, shape, scale, zero_point, tensor.data is not None, tensor.dtype)

    def _symmetric(self, codes: CodeTensor) -> CodeTensor:
        if codes.zero_point != 0:
            tensor = self.graph.tensors[codes.index]
            raise self.refusal(f"its zero point is {codes.zero_point}; of int16, 0 is supported", tensor)
        return codes

    def _without_batch(self, tensor: Tensor, most: int = _MOST_DIMENSIONS) -> Shape:
        """Returns the shape without its batch of 1, which a constant of few dimensions need not have."""
        shape = tensor.shape
        if len(shape) > most:
            raise self.refusal(f"at most {most} dimensions are supported", tensor)
        if min(shape, default=1) < 1:
            raise self.refusal("it has no elements", tensor)
        if tensor.data is not None and len(shape) < len(self.graph.tensors[self.operator.outputs[0]].shape):
            return shape
        if shape[:1] != (1,):
            raise self.refusal("its first dimension must be the batch, 1", tensor)
        return shape[1:]

    def _quantization(self, tensor: Tensor) -> tuple[float, int]:
        if len(tensor.scales) != 1:
            raise self.refusal(f"it has {len(tensor.scales)} scales; one for the whole tensor is supported", tensor)
        scale, zero_point = tensor.scales[0], tensor.zero_points[0]
        if not _SMALLEST_SCALE <= scale <= _LARGEST_SCALE:
            allowed = f"{_SMALLEST_SCALE:.2g} to {_LARGEST_SCALE:.2g}"
            raise self.refusal(f"its scale is {scale}; supported: {allowed}", tensor)
        low, high = CODE_RANGES[tensor.dtype]
        if not low <= zero_point <= high:
            raise self.refusal(f"its zero point is {zero_point}; allowed: {low} to {high}", tensor)
        return scale, zero_point


def code_of(value: float, tensor: CodeTensor) -> int:
    """Returns zero_point + value / scale, rounded with halves away from zero, not clipped; the quotient is float32."""
    quotient = float(np.float32(value) / np.float32(tensor.scale))
    return tensor.zero_point + int(math.copysign(math.floor(abs(quotient) + 0.5), quotient))


def single_factor(first: float, second: float, divisor: float) -> float:
    """Returns first * second / divisor, each step rounded to float32, as some kernels compute their factor.

    Infinity where it overflows, which `Operands.multiplier` refuses.
    """
    with np.errstate(over="ignore", under="ignore"):
        return float(np.float32(first) * np.float32(second) / np.float32(divisor))
