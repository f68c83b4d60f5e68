"""tf calls on tensors that no layer stands for: known by their symbol, elementwise or over positions.

Over positions: what leaves the last axis as it is, such as `x[:, ::2, ::2]`, `x[:, -1]`, tf.squeeze, tf.pad, resizing.
"""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from tf_keras.src.engine.keras_tensor import KerasTensor
from tf_keras.src.layers.core.tf_op_layer import TFOpLambda

from edge_nas.layers.kind import LayerKind
from edge_nas.layers.merge import MergeRule
from edge_nas.layers.products import MATMUL, product_flow, takes_heads
from edge_nas.layers.registry import register
from edge_nas.layers.rules import ChannelRule, frozen
from edge_nas.layers.spaces import Flow, Layout, Rows, Spaces, parts_of

_NAMES = """
    math.abs math.square math.sqrt math.rsqrt math.exp math.log math.log1p math.negative math.reciprocal math.sign
    math.sin math.cos math.tanh math.sigmoid math.softplus math.erf math.floor math.ceil math.round
    nn.relu nn.relu6 nn.leaky_relu nn.elu nn.selu nn.gelu nn.silu nn.swish nn.softsign nn.sigmoid nn.tanh
    clip_by_value identity stop_gradient cast
    math.add math.subtract math.multiply math.divide math.truediv math.maximum math.minimum math.pow
    math.squared_difference math.multiply_no_nan math.divide_no_nan
    __operators__.add __operators__.sub __operators__.mul __operators__.truediv __operators__.pow __operators__.neg
    __operators__.radd __operators__.rsub __operators__.rmul __operators__.rtruediv
"""
_ELEMENTWISE = frozenset(_NAMES.split())
_OVER_AXES = frozenset(("math.reduce_mean", "math.reduce_sum", "math.reduce_max", "math.reduce_min"))
_OVER_MAP = frozenset(("image.resize", "nn.avg_pool", "nn.max_pool", "nn.avg_pool2d", "nn.max_pool2d"))
_WHOLE = (None, None, None)
"""Start, stop and step of a slice that takes all of an axis; Keras stores slices as these."""


class OperatorRule(ChannelRule):
    """A tf call: elementwise ones tie the tensors they take; reductions and resizing pass channels on."""

    def takes_rows(self, layer: Any, rows: Rows) -> bool:
        """True for products of heads, and for what does the same to every number of one tensor."""
        symbol, node = layer.symbol.removeprefix("compat.v1."), layer.inbound_nodes[0]
        is_of_one = len(node.keras_inputs) == 1 and all(np.ndim(value) == 0 for value in _constants(node))
        return (symbol == MATMUL and takes_heads(rows)) or (symbol in _ELEMENTWISE and is_of_one)

    def flow(self, layer: Any, inputs: Sequence[Layout], spaces: Spaces) -> Flow:
        """Passes the layout on, or freezes what the call touches and says why."""
        symbol, node = layer.symbol.removeprefix("compat.v1."), layer.inbound_nodes[0]
        if symbol == MATMUL:
            return product_flow(layer, inputs, spaces)
        if symbol == "split":
            return _split_flow(layer, inputs, spaces)
        reason = _reason(symbol, node)
        if reason is not None:
            return frozen(layer, inputs, spaces, f"tf.{symbol} {layer.name!r} {reason}")
        return MergeRule().flow(layer, inputs, spaces)


def _split_flow(layer: Any, inputs: Sequence[Layout], spaces: Spaces) -> Flow:
    """Returns how channels pass tf.split: along positions all of them, into equal parts those of each part."""
    node = layer.inbound_nodes[0]
    rank, parts = layer.input.shape.rank, _argument(node, 1, "num_or_size_splits")
    axis = int(_argument(node, 2, "axis") or 0) % rank
    if 0 < axis < rank - 1:
        return Flow(inputs[0], outputs=(inputs[0],) * len(node.outputs))
    # Sizes that are named stay in the call, whatever goes.
    folded = spaces.fold(inputs[0], parts, layer.name) if axis == rank - 1 and isinstance(parts, int) else None
    layouts = None if folded is None else parts_of(folded, len(node.outputs))
    if folded is None or layouts is None:
        return frozen(
            layer, inputs, spaces, f"tf.split {layer.name!r} cuts channels into parts that lose different ones"
        )
    return Flow(folded, outputs=tuple(layouts))


def _reason(symbol: str, node: Any) -> str | None:
    """Returns why channels cannot be followed through a call, or None."""
    source = node.keras_inputs[0]
    if symbol in _ELEMENTWISE:
        if any(np.ndim(value) and np.shape(value)[-1] != 1 for value in _constants(node)):
            return "has a number per channel"
        ranks = {tensor.shape.rank for tensor in node.keras_inputs}
        return None if len(ranks) == 1 and 0 not in ranks else "takes tensors of different rank"
    if symbol in _OVER_AXES:
        return None if _spares_channels(node, source.shape.rank) else "looks across channels or images"
    if symbol in _OVER_MAP and source.shape.rank == 4 and node.outputs.shape[-1] == source.shape[-1]:
        return None
    if symbol in _MOVES:
        return None if _MOVES[symbol](node, source.shape.rank) else "takes or moves channels"
    return "has no channel rule"


def _constants(node: Any) -> list[Any]:
    """Returns what a call is given beside tensors of the network; a stored network holds arrays as lists."""
    values = (*node.call_args, *node.call_kwargs.values())
    return [value for value in values if not isinstance(value, KerasTensor)]


def _spares_channels(node: Any, rank: int) -> bool:
    """True for a call that names positions only as its axes: neither the batch (axis 0) nor the last axis."""
    axis = _argument(node, 1, "axis")
    if axis is None:
        return False
    axes = {int(number) % rank for number in np.atleast_1d(axis)}
    return 0 not in axes and rank - 1 not in axes


def _adds_no_channels(node: Any, rank: int) -> bool:
    """True for tf.expand_dims at another place than in front of the images or behind the channels."""
    return 0 < int(_argument(node, 1, "axis")) % (rank + 1) < rank


def _pads_positions(node: Any, rank: int) -> bool:
    """True for tf.pad, of any mode, that adds nothing to images and channels."""
    widths = _argument(node, 1, "paddings")
    if isinstance(widths, KerasTensor):
        return False
    ends = np.asarray(widths)[[0, rank - 1]]
    return not ends.any()


def _slices_positions(node: Any, rank: int) -> bool:
    """True for `x[...]` that takes all images and all channels and leaves the channels the last axis."""
    given = _argument(node, 1, "slice_spec")
    spec = list(given) if isinstance(given, list | tuple) else [given]
    if any(isinstance(value, KerasTensor) for value in spec):
        return False
    if Ellipsis not in spec:
        spec.append(Ellipsis)
    place = spec.index(Ellipsis)
    first, last = spec[:place], spec[place + 1 :]
    taken = sum(value is not None for value in first) + sum(value is not None for value in last)
    if taken < rank:  # what the ellipsis stands for
        first, last = [*first, slice(*_WHOLE)], [slice(*_WHOLE), *last]
    in_order = [*first, *last]
    return _takes_all(in_order[0]) and _takes_all(in_order[-1])


def _takes_all(value: Any) -> bool:
    ends = tuple(value.values()) if isinstance(value, dict) else value
    if isinstance(ends, slice):
        ends = (ends.start, ends.stop, ends.step)
    return ends in (_WHOLE, (None, None, 1), (0, None, None), (0, None, 1))


def _argument(node: Any, place: int, name: str) -> Any:
    """Returns an argument of a call by its place among those given in order, or by its name; None: left out."""
    return node.call_args[place] if len(node.call_args) > place else node.call_kwargs.get(name)


_MOVES: dict[str, Callable[[Any, int], bool]] = {
    "squeeze": _spares_channels,
    "expand_dims": _adds_no_channels,
    "pad": _pads_positions,
    "reverse": _spares_channels,
    "__operators__.getitem": _slices_positions,
}
"""Calls that move positions: whether one leaves images and channels alone, given its node and the rank of its input."""


register(LayerKind(channels=OperatorRule()), TFOpLambda)
