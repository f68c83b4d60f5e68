"""In which order the converter (TF 2.21) writes operators; the arena of a network with branches hangs on it.

It takes the operations of the traced function in the reverse post-order of a depth-first search, which begins at what
reads nothing, inputs and constants, and of several ways takes the one of the greatest name first: so the branch whose
first name is the least comes first (`GetReversePostOrder` with `NodeComparatorName` in TensorFlow's importer).
"""

from collections.abc import Sequence
from typing import NamedTuple

import tf_keras

from edge_nas.core.choices import Scheme
from edge_nas.graph.walk import Call

L = tf_keras.layers

MERGES = (L.Add, L.Average, L.Multiply)
"""Layers of an operator for each input behind the first: of two is made one, of that and the next one, and so on."""
_WITHOUT_CONSTANTS = (
    *(*MERGES, L.Subtract, L.Maximum, L.Minimum, L.ReLU, L.Activation, L.Softmax, L.Dropout),
    *(L.MaxPooling2D, L.AveragePooling2D),
)
"""Layers whose operations read no constant that a search begins at."""


class Part(NamedTuple):
    """A call; of a merge of more than two inputs what it makes of the first two, or of that and one more.

    Attributes:
        call: the whole.
        inputs: keys of the tensors that it reads for the first time.
        is_further: whether it also reads what the part before has made.
        is_last: whether it makes the output of the call.
    """

    call: Call
    inputs: tuple[str, ...]
    is_further: bool = False
    is_last: bool = True


def converter_order(model: tf_keras.Model, calls: Sequence[Call], scheme: Scheme) -> tuple[Part, ...]:
    """Returns the calls of a flat network in the order of the operators that the converter makes of them.

    `scheme`: how it is going to be quantized: with qat a Rescaling is a convolution, whose kernel is a constant.
    """
    parts = [part for call in calls for part in _parts(call)]
    after = _after(parts)
    names = [_name(model, part.call) for part in parts]

    def by_name(numbers: Sequence[int]) -> list[int]:
        return sorted(set(numbers), key=lambda number: (names[number], number))

    without = (*_WITHOUT_CONSTANTS, L.Rescaling) if scheme == "ptq" else _WITHOUT_CONSTANTS
    starts = [
        number for number, part in enumerate(parts) if not part.inputs or not isinstance(part.call.layer, without)
    ]
    left: list[int] = []
    seen: set[int] = set()
    stack = [(number, False) for number in by_name(starts)]
    while stack:
        number, is_done = stack.pop()
        if is_done:
            left.append(number)
        elif number not in seen:
            seen.add(number)
            stack.append((number, True))
            stack += [(reader, False) for reader in by_name(after[number]) if reader not in seen]
    return tuple(parts[number] for number in reversed(left))


def _parts(call: Call) -> list[Part]:
    if not isinstance(call.layer, MERGES):
        return [Part(call, call.inputs)]
    first, others = call.inputs[:2], call.inputs[2:]
    inputs = [first, *((other,) for other in others)]
    return [
        Part(call, keys, is_further=number > 0, is_last=number == len(others)) for number, keys in enumerate(inputs)
    ]


def _after(parts: Sequence[Part]) -> list[list[int]]:
    """Returns for each part the numbers of those that read what it makes."""
    readers: dict[str, list[int]] = {}
    for number, part in enumerate(parts):
        for key in part.inputs:
            readers.setdefault(key, []).append(number)
    return [
        [reader for key in part.call.outputs for reader in readers.get(key, [])] if part.is_last else [number + 1]
        for number, part in enumerate(parts)
    ]


def _name(model: tf_keras.Model, call: Call) -> str:
    """Returns how the names of a call's operations begin."""
    return f"{model.name}/{call.layer.name}/" if call.inputs else str(call.layer.name)
