"""From a network's operators to a program: which kernel computes what, and in which layout every tensor lies.

An operator may ask for its input in a fast layout. A tensor is made in the layout most of its readers ask for and
converted, row by row, for the others; network input and output are always flat. What has no fast kernel runs on flat
tensors, so that every operator that can be parsed can be compiled.
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from edge_nas.codegen.program import (
    WHOLE,
    Buffer,
    Field,
    Kernel,
    Layout,
    Pointer,
    Program,
    Reading,
    Role,
    RowWindow,
    Step,
    Table,
)
from edge_nas.codegen.scaling import fewest_shifts
from edge_nas.core.config import Optimize
from edge_nas.int8.graph import Int8Graph
from edge_nas.int8.operands import ParsedOperator

_C_TYPES = {
    "int8": "int8_t",
    "uint8": "uint8_t",
    "int16": "int16_t",
    "uint16": "uint16_t",
    "int32": "int32_t",
    "uint32": "uint32_t",
    "int64": "int64_t",
}


@dataclass(frozen=True)
class Demand:
    """How an operator wants a tensor that it reads: the kind of layout, and the border around the image.

    `reach` is how many bytes it may load without using them: behind the last pixel of a plane, border included, or
    behind a row of pixels.
    """

    operator: int
    tensor: int
    kind: str
    top: int = 0
    bottom: int = 0
    left: int = 0
    right: int = 0
    reach: int = 0


class Lowering:
    """A program under construction; the operators' `lower` functions add buffers and steps to it.

    Attributes:
        graph: the network.
        operators: its operators, parsed.
        upsampled: outputs of nearest resizes by 2 that their readers take in.
        optimize: what kernels give up the other for.
    """

    def __init__(
        self,
        graph: Int8Graph,
        operators: Sequence[ParsedOperator],
        demands: Iterable[Demand],
        shifts: Sequence[int],
        optimize: Optimize = "speed",
    ) -> None:
        self.optimize = optimize
        self.graph = graph
        self.operators = tuple(operators)
        self.upsampled: dict[int, ParsedOperator] = {}
        self._shifts = tuple(shifts)
        self._demands: dict[int, list[Demand]] = {}
        for demand in demands:
            self._demands.setdefault(demand.tensor, []).append(demand)
        self._buffers: list[Buffer] = []
        self._steps: list[Step] = []
        self._homes: dict[tuple[int, str], int] = {}
        self._tables = 0
        for tensor in graph.inputs:
            self.create(tensor, "flat", role="input")

    def program(self) -> Program:
        """Returns the finished program."""
        outputs = tuple(self.read(tensor) for tensor in self.graph.outputs)
        inputs = tuple(self._homes[tensor, "flat"] for tensor in self.graph.inputs)
        return Program(tuple(self._buffers), tuple(self._steps), inputs, outputs)

    def readers(self, tensor: int) -> tuple[ParsedOperator, ...]:
        """Returns the operators that read a tensor."""
        return tuple(operator for operator in self.operators if tensor in operator.inputs)

    def wanted(self, tensor: int) -> frozenset[str]:
        """Returns the layouts in which a tensor is read; those that say nothing read it flat."""
        return wanted_kinds(self.graph, self.operators, self._demands.get(tensor, ()), tensor)

    def kind_for(self, tensor: int, able: Sequence[str]) -> str:
        """Returns the layout in which a tensor is best made by an operator that is able to make some."""
        kinds = self.wanted(tensor)
        if "planar" in kinds and "planar" in able:  # the others can be made of it, row by row
            return "planar"
        (kind,) = kinds if len(kinds) == 1 else {"flat"}
        return kind if kind in able else able[-1]

    def shift_in(self, allowed: Sequence[int]) -> int:
        """Returns the shift for a fast kernel: one of those that the whole network makes do with."""
        return next(shift for shift in self._shifts if shift in allowed)

    def create(self, tensor: int, kind: str, *, role: Role = "inner", alias: int | None = None) -> int:
        """Returns a new buffer for a tensor, with the border its readers ask for."""
        shape = self.graph.tensors[tensor].shape[1:]
        if tensor in self.graph.outputs and kind == "flat":
            role = "output"
        rows, width, channels = shape if len(shape) == 3 else (1, 1, math.prod(shape))
        demands = [demand for demand in self._demands.get(tensor, ()) if demand.kind == kind]
        layout = Layout(
            kind,  # type: ignore[arg-type]
            width,
            channels,
            left=max((demand.left for demand in demands), default=0),
            right=max((demand.right for demand in demands), default=0),
            reach=max((demand.reach for demand in demands), default=0),
            pad=self.zero_point(tensor) + 128,
        )
        top = max((demand.top for demand in demands), default=0)
        bottom = max((demand.bottom for demand in demands), default=0)
        index = len(self._buffers)
        name = self.graph.tensors[tensor].name
        self._buffers.append(Buffer(index, name, layout, rows, top, bottom, role, alias))
        self._homes[tensor, kind] = index
        return index

    def read(self, tensor: int, kind: str = "flat") -> int:
        """Returns the buffer that holds a tensor in a layout, converting it where it lies in another."""
        if (tensor, kind) not in self._homes:
            source = next(kind for kind in ("planar", "flat") if (tensor, kind) in self._homes)
            self._convert(tensor, source, kind)
        return self._homes[tensor, kind]

    def buffer(self, index: int) -> Buffer:
        """Returns a buffer."""
        return self._buffers[index]

    def has_own_rows(self, index: int) -> bool:
        """Whether a buffer's rows are those in which its bytes are made: a reshape may cut them anew."""
        return self._buffers[self._storage(index)].cut == self._buffers[index].cut

    def reading(self, source: int, window: RowWindow) -> Reading:
        """Returns how runs read rows of a buffer: all at once where a reshape has cut it into other rows."""
        return Reading(source, window if self.has_own_rows(source) else WHOLE)

    def zero_point(self, tensor: int) -> int:
        """Returns the code that stands for 0."""
        return self.graph.tensors[tensor].zero_points[0]

    def share(self, tensor: int, source: int) -> None:
        """Makes a tensor the very bytes of another, flat, of the same size."""
        self.create(tensor, "flat", alias=self.read(source))

    def lies_in_input(self, tensor: int) -> bool:
        """Whether a tensor's bytes are those of a network input."""
        return self._buffers[self._storage(self.read(tensor))].role == "input"

    def operand(self, tensor: int) -> Pointer | Table:
        """Returns the field that points at an operator's flat input, computed or constant."""
        data = self.graph.tensors[tensor].data
        return self.table(data) if data is not None else Pointer(self.read(tensor))

    def is_constant(self, tensor: int) -> bool:
        """Whether the file holds the tensor's codes."""
        return self.graph.tensors[tensor].data is not None

    def table(
        self,
        values: npt.ArrayLike,
        dtype: str | None = None,
        helium: Table | None = None,
        dsp: Table | None = None,
    ) -> Table:
        """Returns a constant array of numbers.

        Others take its place and name: `helium` on cores with Helium, `dsp` on those with DSP instructions alone.
        """
        array = np.asarray(values, dtype).reshape(-1)
        text = ",".join(str(value) for value in array.tolist())
        table = self.struct_table(_C_TYPES[array.dtype.name], [text], len(array), array.nbytes)
        return self.with_others(table, dsp, helium)

    def with_others(self, table: Table, dsp: Table | None, helium: Table | None) -> Table:
        """Returns a constant array for which others stand in on cores with DSP instructions or Helium."""
        return replace(
            table,
            helium=helium and replace(helium, name=table.name),
            dsp=dsp and replace(dsp, name=table.name),
        )

    def struct_table(self, c_type: str, entries: Sequence[str], length: int, size_bytes: int) -> Table:
        """Returns a constant array of entries already in C's notation."""
        self._tables += 1
        return Table(f"edge_constants_{self._tables}", c_type, length, ",\n".join(entries), size_bytes)

    def step(
        self,
        operators: Sequence[ParsedOperator],
        kernel: Kernel,
        fields: Sequence[Field],
        reads: Sequence[Reading],
        write: int,
        *,
        runs: int = 1,
        whole: bool = True,
    ) -> None:
        """Adds a step; `whole`: its kernel wants every row of its buffers in memory."""
        kinds = " + ".join(operator.kind for operator in operators) or "layout"
        name = f"{kinds}: {self._buffers[write].name}"
        indices = tuple(operator.index for operator in operators)
        self._steps.append(Step(name, indices, tuple(reads), write, runs, whole, kernel, tuple(fields)))

    def flat_step(
        self,
        operator: ParsedOperator,
        kernel: Kernel | str,
        fields: Sequence[Field],
        *,
        output: int | None = None,
        runs: int = 1,
        inputs: Sequence[int] | None = None,
    ) -> None:
        """Adds a step on flat tensors, of a kernel or a unit without parameters; the pointers come before `fields`."""
        tensors = operator.inputs if inputs is None else inputs
        write = self.create(operator.output, "flat") if output is None else output
        pointers = [self.operand(tensor) for tensor in tensors]
        reads = [Reading(pointer.buffer, RowWindow(whole=True)) for pointer in pointers if isinstance(pointer, Pointer)]
        kernel = Kernel(kernel) if isinstance(kernel, str) else kernel
        self.step([operator], kernel, [*pointers, Pointer(write), *fields], reads, write, runs=runs)

    def output_in_place(self, operator: ParsedOperator) -> int:
        """Returns the buffer for a flat output: an input's own where this operator is the last to want it."""
        for tensor in operator.inputs:
            if self.is_constant(tensor) or tensor in self.graph.outputs:
                continue
            same_size = self.graph.tensors[tensor].elements == self.graph.tensors[operator.output].elements
            if same_size and all(reader.index <= operator.index for reader in self._all_readers(tensor)):
                return self.create(operator.output, "flat", alias=self.read(tensor))
        return self.create(operator.output, "flat")

    def _all_readers(self, tensor: int) -> Iterable[ParsedOperator]:
        """Yields the operators that read the bytes behind a tensor under any of its names."""
        storage = self._storage(self.read(tensor))
        for (name, kind), index in list(self._homes.items()):
            if kind == "flat" and self._storage(index) == storage:
                yield from self.readers(name)

    def _storage(self, index: int) -> int:
        alias = self._buffers[index].alias
        return index if alias is None else self._storage(alias)

    def _convert(self, tensor: int, source_kind: str, kind: str) -> None:
        from edge_nas.codegen.layouts import convert

        source = self._homes[tensor, source_kind]
        convert(self, source, self.create(tensor, kind))


def lower_network(
    graph: Int8Graph,
    operators: Sequence[ParsedOperator],
    flat: frozenset[int] = frozenset(),
    optimize: Optimize = "speed",
) -> Program:
    """Returns the program of a network.

    Args:
        graph: the network.
        operators: its operators, parsed, in execution order.
        flat: indices of operators that are to do without their fast kernels, which may take more memory.
        optimize: what kernels give up the other for.
    """
    from edge_nas.codegen.operators import LOWERINGS

    demands: list[Demand] = []
    shifts: list[Sequence[int]] = []
    for operator in reversed(operators):
        module = LOWERINGS[operator.kind]
        if hasattr(module, "demands") and operator.index not in flat:
            known = [demand for demand in demands if demand.tensor == operator.output]
            demands += module.demands(operator, wanted_kinds(graph, operators, known, operator.output))
        if hasattr(module, "shifts") and operator.index not in flat:
            shifts.append(module.shifts(operator))
    lowering = Lowering(graph, operators, demands, fewest_shifts(shifts), optimize)
    for operator in operators:
        module = LOWERINGS[operator.kind]
        if operator.index in flat and hasattr(module, "lower_flat"):
            module.lower_flat(lowering, operator)
        else:
            module.lower(lowering, operator)
    return lowering.program()


def wanted_kinds(
    graph: Int8Graph, operators: Sequence[ParsedOperator], demands: Iterable[Demand], tensor: int
) -> frozenset[str]:
    """Returns the layouts in which a tensor is read, given the demands on it; readers without one read it flat."""
    asked = {demand.operator: demand.kind for demand in demands}
    kinds = {asked.get(operator.index, "flat") for operator in operators if tensor in operator.inputs}
    return frozenset(kinds | {"flat"} if tensor in graph.outputs else kinds)
