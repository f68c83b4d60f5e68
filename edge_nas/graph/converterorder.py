"""In which order the converter (TF 2.21) writes operators; the arena of a network with branches hangs on it.

It takes the operations of the traced function in the reverse post-order of a depth-first search, which begins at what
reads nothing, inputs and constants, and of several ways takes the one of the greatest name first: so the branch whose
first name is the least comes first (`GetReversePostOrder` with `NodeComparatorName` in TensorFlow's importer).
"""

from collections.abc import Sequence

import tf_keras

from edge_nas.graph.walk import Call

L = tf_keras.layers

_WITHOUT_CONSTANTS = (
    *(L.Add, L.Subtract, L.Multiply, L.Maximum, L.Minimum, L.Average, L.ReLU, L.Activation, L.Softmax, L.Dropout),
    *(L.MaxPooling2D, L.AveragePooling2D),
)
"""Layers whose operations read no constant."""


def converter_order(model: tf_keras.Model, calls: Sequence[Call]) -> tuple[Call, ...]:
    """Returns the calls of a flat network in the order of the operators that the converter makes of them."""
    readers: dict[str, list[int]] = {}
    for number, call in enumerate(calls):
        for key in call.inputs:
            readers.setdefault(key, []).append(number)
    names = [_name(model, call) for call in calls]

    def by_name(numbers: Sequence[int]) -> list[int]:
        return sorted(set(numbers), key=lambda number: (names[number], number))

    starts = [
        number for number, call in enumerate(calls) if not call.inputs or not isinstance(call.layer, _WITHOUT_CONSTANTS)
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
            after = [reader for key in calls[number].outputs for reader in readers.get(key, [])]
            stack += [(reader, False) for reader in by_name(after) if reader not in seen]
    return tuple(calls[number] for number in reversed(left))


def _name(model: tf_keras.Model, call: Call) -> str:
    """Returns how the names of a call's operations begin."""
    return f"{model.name}/{call.layer.name}/" if call.inputs else str(call.layer.name)
