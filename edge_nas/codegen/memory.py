"""Where every buffer lies in the arena: lifetimes in, offsets out.

Packing intervals into the least memory is NP-hard (dynamic storage allocation; Garey and Johnson, SR2); the plan is the
best of several greedy ones. One of them is that of the interpreter for microcontrollers (largest first, each at the
lowest offset that is free), so that a plan is never above it for the same buffers.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from edge_nas.int8.graph import Int8Graph

ALIGNMENT = 4  # kernels load and store words
INTERPRETER_ALIGNMENT = 16  # of TensorFlow Lite for Microcontrollers' buffers

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

    @property
    def duration(self) -> int:
        """Moments at which it is wanted."""
        return self.last - self.first + 1

    def meets(self, other: "Need") -> bool:
        """True where both are wanted at some moment."""
        return self.first <= other.last and other.first <= self.last


@dataclass(frozen=True)
class ArenaPlan:
    """Offsets by key, and the bytes of the whole arena."""

    offsets: dict[int, int]
    size_bytes: int


# What comes first of the needs that are placed one after the other; of equal arenas the earlier order's is taken.
_ORDERS: tuple[Callable[[Need], tuple[int, int]], ...] = (
    lambda need: (-need.size_bytes, need.first),  # the largest: the interpreter's order
    lambda need: (-need.duration, -need.size_bytes),  # the longest
    lambda need: (need.first, -need.size_bytes),  # the earliest
    lambda need: (-need.last, -need.size_bytes),  # the latest
    lambda need: (-need.duration * need.size_bytes, need.first),  # what fills most of memory and time
)


def plan_arena(needs: Sequence[Need], alignment: int = ALIGNMENT) -> ArenaPlan:
    """Returns the smallest arena that the greedy orders tried here find."""
    plans = [plan_in_order(sorted(needs, key=order), alignment) for order in _ORDERS]
    return min(plans, key=lambda plan: plan.size_bytes)


def plan_in_order(needs: Iterable[Need], alignment: int) -> ArenaPlan:
    """Returns the arena in which every need takes the lowest free offset, in the order given."""
    offsets: dict[int, int] = {}
    placed: list[tuple[int, Need]] = []
    for need in needs:
        in_the_way = sorted((offset, other.size_bytes) for offset, other in placed if other.meets(need))
        offset = _lowest_gap(in_the_way, need.size_bytes, alignment)
        offsets[need.key] = offset
        placed.append((offset, need))
    size = max((offset + need.size_bytes for offset, need in placed), default=0)
    return ArenaPlan(offsets, _aligned(size, alignment))


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
    for moment, operator in enumerate(graph.operators):
        for tensor in (*operator.inputs, *operator.outputs):
            if tensor >= 0 and graph.tensors[tensor].data is None:
                first.setdefault(tensor, moment)
                last[tensor] = moment
    for state in graph.states:
        first[state.tensor] = 0
    for tensor in (*graph.outputs, *(state.tensor for state in graph.states)):
        last[tensor] = len(graph.operators)
    needs = [Need(tensor, graph.tensors[tensor].size_bytes, first[tensor], last[tensor]) for tensor in first]
    largest_first = sorted(needs, key=_ORDERS[0])
    return plan_in_order(largest_first, INTERPRETER_ALIGNMENT).size_bytes


def _lowest_gap(taken: Iterable[tuple[int, int]], size: int, alignment: int) -> int:
    """Returns the lowest offset at which `size` bytes are free, given (offset, bytes) of what is not, by offset."""
    offset = 0
    for start, length in taken:
        if offset + size <= start:
            break
        offset = max(offset, _aligned(start + length, alignment))
    return offset


def _aligned(value: int, alignment: int) -> int:
    return -(-value // alignment) * alignment
