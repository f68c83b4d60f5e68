"""tf calls on tensors that no layer stands for: known by their symbol, elementwise or over positions."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from tf_keras.src.engine.keras_tensor import KerasTensor
from tf_keras.src.layers.core.tf_op_layer import TFOpLambda

from edge_nas.layers.kind import LayerKind
from edge_nas.layers.merge import MergeRule
from edge_nas.layers.registry import register
from edge_nas.layers.rules import ChannelRule, frozen
from edge_nas.layers.spaces import Flow, Layout, Spaces

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
_OVER_POSITIONS = frozenset(("image.resize", "nn.avg_pool", "nn.max_pool", "nn.avg_pool2d", "nn.max_pool2d"))


class OperatorRule(ChannelRule):
    """A tf call: elementwise ones tie the tensors they take; reductions and resizing pass channels on."""

    def flow(self, layer: Any, inputs: Sequence[Layout], spaces: Spaces) -> Flow:
        """Passes the layout on, or freezes what the call touches and says why."""
        symbol, node = layer.symbol, layer.inbound_nodes[0]
        reason = _reason(symbol, node)
        if reason is not None:
            return frozen(layer, inputs, spaces, f"tf.{symbol} {layer.name!r} {reason}")
        return MergeRule().flow(layer, inputs, spaces)


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
    if symbol in _OVER_POSITIONS and source.shape.rank == 4 and node.outputs.shape[-1] == source.shape[-1]:
        return None
    return "has no channel rule"


def _constants(node: Any) -> list[Any]:
    """Returns what a call is given beside tensors of the network; a stored network holds arrays as lists."""
    values = (*node.call_args, *node.call_kwargs.values())
    return [value for value in values if not isinstance(value, KerasTensor)]


def _spares_channels(node: Any, rank: int) -> bool:
    """True for a reduction over positions only: neither over the batch (axis 0) nor over the last axis."""
    arguments = dict(zip(("input_tensor", "axis", "keepdims"), node.call_args, strict=False)) | node.call_kwargs
    axis = arguments.get("axis")
    if axis is None:
        return False
    axes = {int(number) % rank for number in np.atleast_1d(axis)}
    return 0 not in axes and rank - 1 not in axes


register(LayerKind(channels=OperatorRule()), TFOpLambda)
