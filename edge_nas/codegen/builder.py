"""A program under construction: operators ask it for buffers in the layout they want, and add steps to it.

A tensor may lie in several layouts at once, each in a buffer of its own. It is made in one (`create`), and converted to
another, row by row, when somebody asks for that (`read`).

A step's descriptor is a C struct of constants; its fields are numbers, a `Table` (a constant array in flash), a
`Pointer` (to a buffer's first byte) or `Rows` (an EdgeImage, by which the kernel finds any row of a buffer).
"""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from edge_nas.codegen.program import (
    WHOLE,
    Buffer,
    Field,
    Fields,
    Kernel,
    Layout,
    LayoutKind,
    Pointer,
    Program,
    Reading,
    Role,
    Rows,
    RowWindow,
    Step,
    Table,
)
from edge_nas.codegen.tables import table
from edge_nas.core.config import Optimize
from edge_nas.int8.arithmetic import INT8_MIN
from edge_nas.int8.graph import Int8Graph
from edge_nas.int8.operands import ParsedOperator


@dataclass(frozen=True)
class Demand:
    """How an operator wants a tensor that it reads.

    Attributes:
        operator: index of the operator.
        tensor: index of the tensor, one of its inputs.
        kind: the layout.
        top, bottom, left, right: rows and columns of border around the image, filled with the zero point.
        reach: codes that loads of whole words may touch behind the last one used: behind the last pixel of a plane,
            border included, or behind a row of pixels.
        enlarges: whether it can read an image of half the height and width instead, and enlarge it by itself:

            a -> RESIZE_NEAREST_NEIGHBOR by 2 -> b -> DEPTHWISE_CONV_2D     becomes one step from a; b is never made
    """

    operator: int
    tensor: int
    kind: LayoutKind
    top: int = 0
    bottom: int = 0
    left: int = 0
    right: int = 0
    reach: int = 0
    enlarges: bool = False


def kinds_wanted(
    graph: Int8Graph, operators: Sequence[ParsedOperator], demands: Iterable[Demand], tensor: int
) -> frozenset[LayoutKind]:
    """Returns the layouts in which a tensor is read, given all demands on it; who makes none reads it flat."""
    demanded = {demand.operator: demand.kind for demand in demands if demand.tensor == tensor}
    readers = [operator for operator in operators if tensor in operator.inputs]
    kinds: set[LayoutKind] = {demanded.get(reader.index, "flat") for reader in readers}
    if tensor in graph.outputs:
        kinds.add("flat")
    return frozenset(kinds)


class ProgramBuilder:
    """A program under construction.

    Attributes:
        graph: the network.
        operators: its operators, parsed.
        optimize: "speed", or "size" of the code.
        small_image_of: for outputs of nearest resizes by 2 that are never made, since their readers enlarge the image
            themselves: the operator that would have made them.
    """

    def __init__(
        self,
        graph: Int8Graph,
        operators: Sequence[ParsedOperator],
        demands: Iterable[Demand] = (),
        shifts: Mapping[int, int] | None = None,
        optimize: Optimize = "speed",
        *,
        padding_of: Mapping[int, ParsedOperator] | None = None,
    ) -> None:
        """Begins a program with the network's inputs.

        Args:
            graph: the network.
            operators: its operators, parsed, in execution order.
            demands: how operators want what they read.
            shifts: by index, those of operators whose fast kernels have one (`lowering.shifts_of`).
            optimize: "speed", or "size" of the code.
            padding_of: by index, the PADs that operators have taken in.
        """
        self.graph = graph
        self.operators = tuple(operators)
        self.optimize = optimize
        self.small_image_of: dict[int, ParsedOperator] = {}
        self._demands = tuple(demands)
        self._shifts = dict(shifts or {})
        self._padding_of = dict(padding_of or {})
        self._buffers: list[Buffer] = []
        self._steps: list[Step] = []
        self._buffer_of: dict[tuple[int, LayoutKind], int] = {}
        for tensor in graph.inputs:
            self.create(tensor, "flat", role="input")
        self._states = tuple(self.create(state.tensor, "flat", role="input") for state in graph.states)

    def program(self) -> Program:
        """Returns the finished program; converts an output that lies in another layout than flat."""
        outputs = tuple(self.read(tensor) for tensor in self.graph.outputs)
        inputs = tuple(self._buffer_of[tensor, "flat"] for tensor in self.graph.inputs)
        return Program(tuple(self._buffers), tuple(self._steps), inputs, outputs, self._states)

    # What is asked about the network.

    def is_constant(self, tensor: int) -> bool:
        """Whether the file holds the tensor's codes."""
        return self.graph.tensors[tensor].data is not None

    def zero_point(self, tensor: int) -> int:
        """Returns the code that stands for 0; 0 of integers that are no codes."""
        return next(iter(self.graph.tensors[tensor].zero_points), 0)

    def readers(self, tensor: int) -> tuple[ParsedOperator, ...]:
        """Returns the operators that read a tensor."""
        return tuple(operator for operator in self.operators if tensor in operator.inputs)

    def readers_enlarge(self, tensor: int) -> bool:
        """Whether everything that reads a tensor can do with an image of half its height and width."""
        enlarging = {demand.operator for demand in self._demands_on(tensor) if demand.enlarges}
        return all(reader.index in enlarging for reader in self.readers(tensor))

    def best_kind(self, tensor: int, able: Sequence[LayoutKind]) -> LayoutKind:
        """Returns the layout in which a tensor is best made.

        Args:
            tensor: what is made.
            able: the layouts that the kernel can make; the last is taken where none of them is wanted alone.
        """
        wanted = kinds_wanted(self.graph, self.operators, self._demands, tensor)
        # Where several are wanted, from planes the others can be made (`read`), and as few are made as can be.
        if "planar" in wanted and "planar" in able:
            return "planar"
        only = next(iter(wanted)) if len(wanted) == 1 else "flat"
        return only if only in able else able[-1]

    def shift_of(self, operator: ParsedOperator) -> int:
        """Returns the shift of an operator's fast kernel, one that it allows and that others like it share."""
        return self._shifts[operator.index]

    # Buffers.

    def buffer(self, index: int) -> Buffer:
        """Returns a buffer."""
        return self._buffers[index]

    def has_own_rows(self, index: int) -> bool:
        """Whether a buffer's rows are those in which its bytes are made; False where a reshape cuts them anew."""
        return self._buffers[self._storage(index)].cut == self._buffers[index].cut

    def reading(self, source: int, window: RowWindow) -> Reading:
        """Returns how runs read rows of a buffer: all at once where a reshape has cut it into other rows."""
        return Reading(source, window if self.has_own_rows(source) else WHOLE)

    def create(self, tensor: int, kind: LayoutKind, *, role: Role = "inner", alias: int | None = None) -> int:
        """Returns a new buffer for a tensor, with the border its readers ask for.

        Args:
            tensor: what it will hold.
            kind: in which layout.
            role: whether it is reached from outside; a flat network output always is.
            alias: the buffer whose bytes it is to be.
        """
        shape = self.graph.tensors[tensor].shape[1:]  # without the batch
        if tensor in self.graph.outputs and kind == "flat":
            role = "output"
        # What is no image is one row of one pixel.
        rows, width, channels = shape if len(shape) == 3 else (1, 1, math.prod(shape))
        dtype = np.dtype(self.graph.tensors[tensor].dtype)
        channels *= dtype.itemsize  # bytes, of codes of 16 bits and of places
        demands = [demand for demand in self._demands_on(tensor) if demand.kind == kind]
        layout = Layout(
            kind,
            width,
            channels,
            left=max((demand.left for demand in demands), default=0),
            right=max((demand.right for demand in demands), default=0),
            reach=max((demand.reach for demand in demands), default=0),
            # A code + 128, from which C takes 128 where codes are stored; other numbers are only ever flat.
            pad=self.zero_point(tensor) - INT8_MIN if dtype == np.int8 else 0,
        )
        index = len(self._buffers)
        self._buffers.append(
            Buffer(
                index,
                self.graph.tensors[tensor].name,
                layout,
                rows,
                top=max((demand.top for demand in demands), default=0),
                bottom=max((demand.bottom for demand in demands), default=0),
                role=role,
                alias=alias,
                element_bytes=dtype.itemsize,
            )
        )
        self._buffer_of[tensor, kind] = index
        return index

    def create_pairs(self, tensor: int, rows: int, width: int, channels: int) -> int:
        """Returns a buffer of pairs that holds what a kernel makes of a tensor, no tensor of the network itself."""
        layout = Layout("pairs", width, channels, pad=self.zero_point(tensor) - INT8_MIN)
        index = len(self._buffers)
        self._buffers.append(Buffer(index, self.graph.tensors[tensor].name, layout, rows))
        return index

    def read(self, tensor: int, kind: LayoutKind = "flat") -> int:
        """Returns the buffer that holds a tensor in a layout, converting it where it lies in another."""
        if (tensor, kind) not in self._buffer_of:
            # Every other layout can be made from planar and from flat, none from pairs and pixels.
            planar, flat = self._buffer_of.get((tensor, "planar")), self._buffer_of.get((tensor, "flat"))
            source = planar if planar is not None else flat
            if source is None:
                raise ValueError(f"tensor {tensor} is made neither flat nor planar: it has no conversion to {kind}")
            self._convert(source, self.create(tensor, kind))
        return self._buffer_of[tensor, kind]

    def share(self, tensor: int, source: int) -> None:
        """Makes a tensor the very bytes of another, flat, of the same size."""
        self.create(tensor, "flat", alias=self.read(source))

    def lies_in_input(self, tensor: int) -> bool:
        """Whether a tensor's bytes are those of a network input."""
        return self._buffers[self._storage(self.read(tensor))].role == "input"

    def output_in_place(self, operator: ParsedOperator) -> int:
        """Returns the buffer for a flat output: an input's own where this operator is the last to want its bytes.

        Those may be the network's input, which a run overwrites; never its output.
        """
        elements = self.graph.tensors[operator.output].elements
        for tensor in operator.inputs:
            if self.is_constant(tensor) or self.graph.tensors[tensor].elements != elements:
                continue
            names = self._names_of_bytes(tensor)
            readers = [reader for name in names for reader in self.readers(name)]
            is_last = all(reader.index <= operator.index for reader in readers)
            kept = {*self.graph.outputs, *(state.tensor for state in self.graph.states)}
            if is_last and not any(name in kept for name in names):
                return self.create(operator.output, "flat", alias=self.read(tensor))
        return self.create(operator.output, "flat")

    # Fields of descriptors.

    def operand(self, tensor: int) -> Pointer | Table:
        """Returns the field that points at an operator's flat input, computed or constant."""
        data = self.graph.tensors[tensor].data
        if data is None:
            return Pointer(self.read(tensor))
        # Kernels are pointed at bytes, whatever codes they hold; every core is little-endian.
        return table(np.frombuffer(data.astype(data.dtype.newbyteorder("<")).tobytes(), np.int8))

    # Steps.

    def step(
        self,
        operators: Sequence[ParsedOperator],
        kernel: Kernel,
        fields: Fields,
        reads: Sequence[Reading],
        write: int,
        *,
        runs: int,
        whole: bool = False,
    ) -> None:
        """Adds a step.

        Args:
            operators: those that it computes; none for a conversion between layouts.
            kernel: the function that is called.
            fields: of its descriptor.
            reads: its inputs.
            write: the buffer it writes.
            runs: how often the function is called, with run numbers from 0; one row each unless `whole`.
            whole: its kernel wants every row of its buffers in memory.
        """
        paddings = [self._padding_of[each.index] for each in operators if each.index in self._padding_of]
        operators = [*paddings, *operators]
        kinds = " + ".join(operator.kind for operator in operators) or "layout"
        name = f"{kinds}: {self._buffers[write].name}"
        indices = tuple(operator.index for operator in operators)
        numbers = tuple(self.graph.operators[index].number for index in indices)
        self._steps.append(Step(name, indices, numbers, tuple(reads), write, runs, whole, kernel, dict(fields)))

    def flat_step(
        self,
        operator: ParsedOperator,
        kernel: Kernel | str,
        fields: Fields,
        *,
        tensor: int | None = None,
        output: int | None = None,
        runs: int = 1,
    ) -> None:
        """Adds a step on a flat tensor, all of which is in memory; the fields `input` and `output` are put in.

        Args:
            operator: what it computes.
            kernel: the function, or the source of one without parameters.
            fields: the rest of its descriptor.
            tensor: what it reads; default: the operator's first input.
            output: the buffer it writes; default: a new one.
            runs: how often its function is called.
        """
        write = self.create(operator.output, "flat") if output is None else output
        operand = self.operand(operator.input if tensor is None else tensor)
        self.step(
            [operator],
            Kernel(kernel) if isinstance(kernel, str) else kernel,
            {"input": operand, "output": Pointer(write), **fields},
            readings([operand]),
            write,
            runs=runs,
            whole=True,
        )

    def _convert(self, source: int, target: int) -> None:
        """Adds the step that fills a tensor's buffer in one layout from that in another, row by row."""
        layout, wanted = self.buffer(source).layout, self.buffer(target).layout
        name = f"{wanted.kind}_from_{layout.kind}"
        # A flat row's pixels are `channels` bytes apart: where the compiler knows it, most of the addressing is gone.
        parameters = {"channels": str(layout.channels)} if name == "planar_from_flat" else {}
        self.step(
            [],
            Kernel(name, parameters),
            {"input": Rows(source), "output": Rows(target)},
            [self.reading(source, RowWindow())],
            target,
            runs=self.buffer(source).rows,
        )

    def _demands_on(self, tensor: int) -> list[Demand]:
        return [demand for demand in self._demands if demand.tensor == tensor]

    def _storage(self, index: int) -> int:
        """Returns the buffer that owns the bytes of a buffer."""
        alias = self._buffers[index].alias
        return index if alias is None else self._storage(alias)

    def _names_of_bytes(self, tensor: int) -> list[int]:
        """Returns the tensors that are the same bytes as a flat one, itself among them."""
        storage = self._storage(self.read(tensor))
        return [
            name
            for (name, kind), index in self._buffer_of.items()
            if kind == "flat" and self._storage(index) == storage
        ]


def readings(operands: Sequence[Field]) -> list[Reading]:
    """Returns what a step on flat tensors reads: all rows of those of its operands that are computed."""
    return [Reading(operand.buffer, WHOLE) for operand in operands if isinstance(operand, Pointer)]
