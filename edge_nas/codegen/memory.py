"""Where every buffer lies in the arena: lifetimes in, offsets out.

Placing intervals in the least memory is NP-hard; the plan is the best of several greedy orders. One of them is that of
the interpreter for microcontrollers (largest first, each at the lowest offset that is free), so that a plan is never
above it for the same buffers.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from edge_nas.int8.graph import Int8Graph

ALIGNMENT = 4
INTERPRETER_ALIGNMENT = 16

# What the interpreter keeps in its arena, by its sources, on a 32-bit core: its allocator, its planner and the
# structures of the network's ends; a TfLiteEvalTensor per tensor, constants as well; per operator a TfLiteNode with its
# registration, options and its kernel's data, of which pooling has the least; a multiplier and a shift per channel.
_INTERPRETER_BYTES = 512
_TENSOR_BYTES = 12
_OPERATOR_BYTES = 80
_CHANNEL_BYTES = 8
_PER_CHANNEL = ("CONV_2D", "DEPTHWISE_CONV_2D", "TRANSPOSE_CONV")


@dataclass(frozen=True)
class Need:
    """A stretch of memory: bytes, and the first and last moment at which it is wanted."""

    key: int
    size_bytes: int
    first: int
    last: int

    def meets(self, other: "Need") -> bool:
        """True where both are wanted at some moment."""
        return self.first <= other.last and other.first <= self.last


@dataclass(frozen=True)
class Placement:
    """Offsets by key, and the bytes of the whole arena."""

    offsets: dict[int, int]
    size_bytes: int


def place(needs: Sequence[Need], alignment: int = ALIGNMENT) -> Placement:
    """Returns the smallest arena that the greedy orders tried here find."""
    orders = (
        sorted(needs, key=lambda need: (-need.size_bytes, need.first)),
        sorted(needs, key=lambda need: (-(need.last - need.first), -need.size_bytes)),
        sorted(needs, key=lambda need: (need.first, -need.size_bytes)),
        sorted(needs, key=lambda need: (-need.last, -need.size_bytes)),
        sorted(needs, key=lambda need: (-(need.last - need.first + 1) * need.size_bytes, need.first)),
    )
    return min((place_in_order(order, alignment) for order in orders), key=lambda plan: plan.size_bytes)


def place_in_order(needs: Iterable[Need], alignment: int) -> Placement:
    """Returns the arena in which every need takes the lowest free offset, in the order given."""
    placed: list[tuple[int, Need]] = []
    for need in needs:
        taken = sorted((offset, other.size_bytes) for offset, other in placed if other.meets(need))
        offset = 0
        for start, size in taken:
            if offset + need.size_bytes <= start:
                break
            offset = max(offset, _aligned(start + size, alignment))
        placed.append((offset, need))
    size = max((offset + need.size_bytes for offset, need in placed), default=0)
    return Placement({need.key: offset for offset, need in placed}, _aligned(size, alignment))


def interpreter_arena_bytes(graph: Int8Graph) -> int:
    """Returns the least tensor arena with which TensorFlow Lite for Microcontrollers runs a network on a 32-bit core.

    It keeps its own structures in the arena beside the tensors. Where they are measured, on a 64-bit host, pointers
    take twice as much, and the arena is larger than this: 1.1 times (ResNet8) to 4 times (small networks).
    """
    channels = sum(
        graph.tensors[operator.outputs[0]].shape[-1] for operator in graph.operators if operator.kind in _PER_CHANNEL
    )
    structures = (
        _INTERPRETER_BYTES
        + _TENSOR_BYTES * len(graph.tensors)
        + _OPERATOR_BYTES * len(graph.operators)
        + _CHANNEL_BYTES * channels
    )
    return interpreter_plan_bytes(graph) + structures


def interpreter_plan_bytes(graph: Int8Graph) -> int:
    """Returns the bytes of TensorFlow Lite for Microcontrollers' greedy plan, without its own structures.

    Every activation tensor has its place from the operator that writes it to the last that reads it.
    """
    first: dict[int, int] = dict.fromkeys(graph.inputs, 0)
    last: dict[int, int] = dict.fromkeys(graph.inputs, 0)
    for step, operator in enumerate(graph.operators):
        for tensor in (*operator.inputs, *operator.outputs):
            if tensor >= 0 and graph.tensors[tensor].data is None:
                first.setdefault(tensor, step)
                last[tensor] = step
    for tensor in graph.outputs:
        last[tensor] = len(graph.operators)
    needs = [Need(tensor, graph.tensors[tensor].size_bytes, first[tensor], last[tensor]) for tensor in first]
    order = sorted(needs, key=lambda need: (-need.size_bytes, need.first))
    return place_in_order(order, INTERPRETER_ALIGNMENT).size_bytes


def _aligned(value: int, alignment: int) -> int:
    return -(-value // alignment) * alignment
