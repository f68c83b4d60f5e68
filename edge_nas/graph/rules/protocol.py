"""What a channel rule has to answer, and the questions that several rules ask."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import tensorflow as tf
import tf_keras

from edge_nas.errors import GraphError
from edge_nas.graph.channels import Flow, Layout, Spaces

Weights = list[npt.NDArray[np.floating]]
Kernel = npt.NDArray[np.floating]
Narrowed = tuple[dict[str, Any], Weights]
Indices = Sequence[int]

A = tf_keras.activations
_CHANNELWISE = (
    A.linear, A.relu, A.elu, A.selu, A.gelu, A.swish, A.mish, A.sigmoid, A.hard_sigmoid, A.tanh, A.softplus, A.softsign,
    A.exponential, tf.nn.relu, tf.nn.relu6, tf.nn.leaky_relu, tf.nn.elu, tf.nn.selu, tf.nn.gelu, tf.nn.silu,
    tf.nn.softplus, tf.nn.softsign, tf.sigmoid, tf.tanh,
)  # fmt: skip
_CHANNELWISE_LAYERS = (
    tf_keras.layers.ReLU, tf_keras.layers.LeakyReLU, tf_keras.layers.ELU, tf_keras.layers.ThresholdedReLU,
)  # fmt: skip


class Rule:
    """The protocol; what is not overridden leaves configuration and weights as they are."""

    def flow(self, layer: Any, inputs: Sequence[Layout], spaces: Spaces) -> Flow:
        """Returns how channels pass `layer`; may open, tie and freeze spaces."""
        raise NotImplementedError

    def narrow(self, layer: Any, inputs: Sequence[Indices], output: Indices) -> Narrowed:  # noqa: ARG002 - the protocol
        """Returns (changes of the configuration, weights) for the channels that stay."""
        return {}, layer.get_weights()

    def ties_calls(self, layer: Any) -> bool:
        """True where one narrowed layer must serve all of its calls, so that their channels go together."""
        return bool(layer.weights)

    def kernel(self, layer: Any) -> Kernel:
        """Returns what a reader multiplies its input's channels with, (..., input channels, output channels).

        Only of layers whose flow `reads`.
        """
        raise GraphError(f"{type(self).__name__} is no rule of a layer that reads channels; {layer.name} has it")

    def ignore(self, layer: Any, gone: Indices) -> Weights:  # noqa: ARG002 - the protocol
        """Returns the weights with which a reader takes nothing from the input channels `gone`."""
        raise GraphError(f"{type(self).__name__} is no rule of a layer that reads channels; {layer.name} has it")

    def masked(self, layer: Any, stays: Indices) -> Any | None:  # noqa: ARG002 - the protocol
        """Returns a layer of the same weights that looks past all but the channels that stay, in the masked network.

        None for layers that treat every channel on its own: they need no mask.
        """
        return None


class Unknown(Rule):
    """What is not understood keeps all its channels.

    Args:
        reason: why; None names the layer's class.
    """

    def __init__(self, reason: str | None = None) -> None:
        self._reason = reason

    def flow(self, layer: Any, inputs: Sequence[Layout], spaces: Spaces) -> Flow:
        """Freezes every input and opens a frozen space for each output."""
        kind = f"{type(layer).__name__} {layer.name!r}"
        reason = f"{kind} {self._reason}" if self._reason else f"no channel rule for {kind}"
        return frozen(layer, inputs, spaces, reason)


def frozen(layer: Any, inputs: Sequence[Layout], spaces: Spaces, reason: str) -> Flow:
    """Freezes the inputs and returns the flow into a frozen space."""
    for layout in inputs:
        spaces.freeze(layout, reason)
    return Flow(spaces.open(last_size(tf.nest.flatten(layer.output)[0].shape), frozen=reason), produces=True)


def last_size(shape: Sequence[int | None]) -> int:
    """Returns the size of a tensor's last axis, 1 where it has none or an unknown one."""
    return (shape[-1] or 1) if len(shape) else 1


def on_last_axis(layer: Any) -> bool:
    """True where a layer's `axis`, a number or one in a list, is that of the channels."""
    axes = [layer.axis] if isinstance(layer.axis, int) else list(layer.axis)
    return len(axes) == 1 and axes[0] in (-1, layer.output.shape.rank - 1)


def mixing_activation(layer: Any) -> str | None:
    """Returns why a layer's activation forbids the removal of channels, or None for one that treats each alike."""
    name = getattr(layer.activation, "__name__", type(layer.activation).__name__)
    if layer.activation in _CHANNELWISE or type(layer.activation) in _CHANNELWISE_LAYERS:
        return None
    return f"{layer.name} applies {name}, which may look across channels"
