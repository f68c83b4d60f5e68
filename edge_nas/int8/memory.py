"""Which tensors are alive when, over a neutral list of operators that .tflite files and Keras models both give.

`OperatorNode` names tensors by integers of the caller's choice; an operator that works in place (a fused activation)
names one tensor as input and output. Constants are not tensors here: they stay in flash.
"""

import itertools
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from edge_nas.errors import ArtifactError


@dataclass(frozen=True)
class OperatorNode:
    """One operator in execution order: the activation tensors it reads and writes, and what it costs."""

    name: str
    kind: str
    inputs: tuple[int, ...]
    outputs: tuple[int, ...]
    macs: int
    params: int


def peak_ram_bytes(
    operators: Sequence[OperatorNode],
    sizes: Mapping[int, int],
    inputs: Iterable[int],
    outputs: Iterable[int],
    source: str,
) -> int:
    """Returns the largest sum of bytes of tensors alive at once; arguments and errors are those of `live_bytes`.

    It is the lower bound of every memory plan: no arena can be smaller.
    """
    return max(live_bytes(operators, sizes, inputs, outputs, source), default=0)


def live_bytes(
    operators: Sequence[OperatorNode],
    sizes: Mapping[int, int],
    inputs: Iterable[int],
    outputs: Iterable[int],
    source: str,
) -> list[int]:
    """Returns the bytes of all tensors alive while each operator runs, in order.

    A tensor lives from the operator that writes it to the last that reads it; a network input from before the first
    operator; a network output to the end.

    Args:
        operators: in execution order.
        sizes: bytes of every activation tensor.
        inputs: the network's inputs.
        outputs: the network's outputs.
        source: what to call the network in messages.

    Raises:
        ArtifactError: a tensor is read before anything wrote it.
    """
    last_step = max(len(operators) - 1, 0)
    born = dict.fromkeys(inputs, 0)
    dies = dict(born)
    for step, operator in enumerate(operators):
        for tensor in operator.inputs:
            if tensor not in born:
                raise ArtifactError(
                    f"{source}: operator {operator.name!r} ({operator.kind}) reads tensor {tensor} before it exists"
                )
            dies[tensor] = step
        for tensor in operator.outputs:
            born.setdefault(tensor, step)
            dies[tensor] = step
    for tensor in outputs:
        if tensor not in born:
            raise ArtifactError(f"{source}: network output {tensor} is written by no operator")
        dies[tensor] = last_step
    change = [0] * (last_step + 2)
    for tensor, step in born.items():
        change[step] += sizes[tensor]
        change[dies[tensor] + 1] -= sizes[tensor]
    return list(itertools.accumulate(change[:-1]))
