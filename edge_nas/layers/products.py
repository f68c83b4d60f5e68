"""tf.matmul of two computed tensors: what it multiplies, and how channels pass the products of attention.

    queries (N, heads, T, d) ┐
    keys    (N, heads, S, d) ┴─ scores (N, heads, T, S) ─ Softmax ┐
    values  (N, heads, S, e) ─────────────────────────────────────┴─ (N, heads, T, e)

A channel of the values goes from all heads at once: what is made of the others stays what it was. Queries and keys keep
their channels, of which each score is a sum (design note 38).
"""

import math
from collections.abc import Sequence
from typing import Any

from edge_nas.layers.rules import frozen
from edge_nas.layers.spaces import Flow, Layout, NoChannels, Rows, RowsFirst, Spaces

MATMUL = "linalg.matmul"
_TRANSPOSED = {"a": ("transpose_a", "adjoint_a"), "b": ("transpose_b", "adjoint_b")}


def product_macs(node: Any) -> int:
    """Returns how many products a call sums up for one input; 0 for one that does not multiply two tensors.

    Args:
        node: of the call; every size but the batch's is known.
    """
    symbol = getattr(node.layer, "symbol", "").removeprefix("compat.v1.")
    if len(node.keras_inputs) != 2 or symbol != MATMUL:
        return 0
    first = node.keras_inputs[0].shape
    return math.prod(int(size) for size in node.outputs.shape[1:]) * int(first[-2 if _is_transposed(node, "a") else -1])


def takes_heads(rows: Rows) -> bool:
    """True for what `product_flow` knows to multiply."""
    return isinstance(rows, RowsFirst | NoChannels)


def product_flow(layer: Any, inputs: Sequence[Layout], spaces: Spaces) -> Flow:
    """Returns how channels pass a product: those of values do, weighted by whatever holds no channels."""
    node = layer.inbound_nodes[0]
    transposed = _is_transposed(node, "a"), _is_transposed(node, "b")
    if len(inputs) == 2 and transposed == (False, True):
        for layout in inputs:
            spaces.freeze(layout, f"{layer.name} sums up products over all of them")
        return Flow(NoChannels())
    if len(inputs) == 2 and transposed == (False, False) and _keeps_all(inputs[0], spaces):
        values = inputs[1]
        if isinstance(values, RowsFirst):
            folded = spaces.fold(values, int(node.keras_inputs[1].shape[1]), layer.name)
            values = values if folded is None else folded
            if folded is None:
                spaces.freeze(values, f"{layer.name} takes heads that several layers make")
        return Flow(values)
    return frozen(layer, inputs, spaces, f"tf.{MATMUL} {layer.name!r} mixes channels")


def _keeps_all(layout: Layout, spaces: Spaces) -> bool:
    """True for a tensor that loses nothing."""
    return all(spaces.reason(segment.space) is not None for segment in layout)


def _is_transposed(node: Any, tensor: str) -> bool:
    places = {"transpose_a": 2, "transpose_b": 3, "adjoint_a": 4, "adjoint_b": 5}
    given = dict(node.call_kwargs)
    given.update((name, node.call_args[place]) for name, place in places.items() if place < len(node.call_args))
    return any(bool(given.get(name)) for name in _TRANSPOSED[tensor])
