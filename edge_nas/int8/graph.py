"""A .tflite file as frozen Python values: tensors, operators in execution order, network inputs and outputs."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from edge_nas.results.artifacts import TensorSpec


@dataclass(frozen=True)
class Tensor:
    """One tensor: `shape` has the batch in front, `dtype` is a numpy name.

    `scales` and `zero_points` are empty for unquantized tensors, of length one per tensor, else one per channel along
    `quantized_dimension`. `data` holds a constant (read-only, of `shape` and `dtype`), None where operators write.
    `variable`: an operator that reads it changes it as well, and it keeps its values from call to call.
    """

    index: int
    name: str
    shape: tuple[int, ...]
    dtype: str
    scales: tuple[float, ...]
    zero_points: tuple[int, ...]
    quantized_dimension: int
    data: npt.NDArray[Any] | None
    variable: bool = False

    @property
    def elements(self) -> int:
        """Number of elements."""
        return math.prod(self.shape)

    @property
    def size_bytes(self) -> int:
        """Number of bytes in memory."""
        return self.elements * np.dtype(self.dtype).itemsize

    @property
    def spec(self) -> TensorSpec:
        """What results say of it; scale and zero point only where there is one of each."""
        per_tensor = len(self.scales) == 1
        return TensorSpec(
            name=self.name,
            shape=self.shape,
            dtype=self.dtype,
            scale=self.scales[0] if per_tensor else None,
            zero_point=self.zero_points[0] if per_tensor else None,
        )


@dataclass(frozen=True)
class Operator:
    """One operator: `inputs` and `outputs` are tensor indices, -1 for an optional input that is absent.

    `index` is its place in the graph; `number`, for messages, that in the file, which differs where others are gone.
    `part` is which of the file's outputs it writes, where it is one of several made of one (`int8.parts`).
    `variable_name` is what a VAR_HANDLE stands for; `intermediates` only say how results inside are quantized.
    `options` holds the schema's fields as integers (enumerations by value) for the kinds that have any of interest,
    `real_options` those that are real numbers (float32 in the file), `list_options` those that are several integers.
    """

    index: int
    kind: str
    inputs: tuple[int, ...]
    outputs: tuple[int, ...]
    options: Mapping[str, int]
    real_options: Mapping[str, float] = field(default_factory=dict)
    number: int = -1
    part: int = 0
    variable_name: str = ""
    intermediates: tuple[int, ...] = ()
    list_options: Mapping[str, tuple[int, ...]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Takes the place for the number where none is given."""
        if self.number < 0:
            object.__setattr__(self, "number", self.index)


@dataclass(frozen=True)
class State:
    """A tensor that keeps its values from call to call, and those that it begins with, of its shape and dtype."""

    tensor: int
    initial: npt.NDArray[Any]


@dataclass(frozen=True)
class Int8Graph:
    """A whole network; `tensors[i].index == i`, operators in execution order, `source` names it in messages.

    `states` are the tensors that keep their values (`int8.states` finds them); `subgraphs` what a CALL_ONCE runs before
    the first call, by their numbers in the file, without those that none does.
    """

    tensors: tuple[Tensor, ...]
    operators: tuple[Operator, ...]
    inputs: tuple[int, ...]
    outputs: tuple[int, ...]
    source: str
    states: tuple[State, ...] = ()
    subgraphs: "Mapping[int, Int8Graph]" = field(default_factory=dict)


def float_tensors(graph: Int8Graph) -> tuple[str, ...]:
    """Returns the names of the float32 tensors, constants included; an all-int8 network has none.

    What an LSTM calls intermediates are no tensors: they only say how results inside of it are quantized.
    """
    sayings = {index for operator in graph.operators for index in operator.intermediates}
    return tuple(tensor.name for tensor in graph.tensors if tensor.dtype == "float32" and tensor.index not in sayings)
