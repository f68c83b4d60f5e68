"""How channels pass each kind of layer, and how that layer is made narrower: one rule per kind.

A rule answers two questions. `flow`: given the layouts of the inputs, what is the layout of the output, and does the
layer produce, carry or read channels? `narrow`: given which input and output channels stay, what are its new
configuration and weights? Layers without a rule freeze what they touch. A custom layer names its rule in an attribute
`channel_rule`, for example `channel_rule = Elementwise()`.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import tensorflow as tf
import tf_keras

from edge_nas.graph.channels import Flow, Layout, Spaces

Weights = list[npt.NDArray[np.floating]]
Narrowed = tuple[dict[str, Any], Weights]
Indices = Sequence[int]
L = tf_keras.layers
A = tf_keras.activations
_CHANNELWISE = (
    A.linear, A.relu, A.elu, A.selu, A.gelu, A.swish, A.mish, A.sigmoid, A.hard_sigmoid, A.tanh, A.softplus, A.softsign,
    A.exponential, tf.nn.relu, tf.nn.relu6, tf.nn.elu, tf.nn.selu, tf.nn.silu, tf.nn.softplus, tf.sigmoid, tf.tanh,
)  # fmt: skip


class Rule:
    """The protocol; what is not overridden leaves configuration and weights as they are."""

    def flow(self, layer: Any, inputs: Sequence[Layout], spaces: Spaces) -> Flow:
        """Returns how channels pass `layer`; may open, tie and freeze spaces."""
        raise NotImplementedError

    def narrow(self, layer: Any, inputs: Sequence[Indices], output: Indices) -> Narrowed:  # noqa: ARG002 - the protocol
        """Returns (changes of the configuration, weights) for the channels that stay."""
        return {}, layer.get_weights()


class Source(Rule):
    """The network's input keeps its channels."""

    def flow(self, layer: Any, inputs: Sequence[Layout], spaces: Spaces) -> Flow:  # noqa: ARG002 - the protocol
        """Opens a frozen space."""
        return Flow(spaces.open(layer.output.shape[-1], frozen="the network's input"))


class Mixing(Rule):
    """Convolution or dense layer: reads all input channels, produces new ones; its kernel ends in (input, output).

    Args:
        width: name of the configuration key that holds the number of output channels.
    """

    def __init__(self, width: str) -> None:
        self._width = width

    def flow(self, layer: Any, inputs: Sequence[Layout], spaces: Spaces) -> Flow:
        """Opens a space; grouped convolutions are not taken apart."""
        size = layer.get_config()[self._width]
        if getattr(layer, "groups", 1) != 1:
            reason = f"{layer.name} convolves in {layer.groups} groups"
            spaces.freeze(inputs[0], reason)
            return Flow(spaces.open(size, frozen=reason), produces=True)
        return Flow(spaces.open(size, frozen=_mixing_activation(layer)), produces=True, reads=True)

    def narrow(self, layer: Any, inputs: Sequence[Indices], output: Indices) -> Narrowed:
        """Slices the kernel on both channel axes and the bias."""
        kernel, *bias = layer.get_weights()
        kernel = np.take(np.take(kernel, inputs[0], axis=-2), output, axis=-1)
        return {self._width: len(output)}, [kernel, *(np.take(b, output) for b in bias)]


class Depthwise(Rule):
    """Depthwise convolution with multiplier 1: each channel passes on its own."""

    def flow(self, layer: Any, inputs: Sequence[Layout], spaces: Spaces) -> Flow:
        """Passes the layout on."""
        if layer.depth_multiplier != 1:
            reason = f"{layer.name} has depth multiplier {layer.depth_multiplier}"
            spaces.freeze(inputs[0], reason)
            return Flow(spaces.open(layer.output.shape[-1], frozen=reason), produces=True)
        mixing = _mixing_activation(layer)
        if mixing:
            spaces.freeze(inputs[0], mixing)
        return Flow(inputs[0], carries=True)

    def narrow(self, layer: Any, inputs: Sequence[Indices], output: Indices) -> Narrowed:
        """Slices the kernel (kh, kw, channels, multiplier) and the bias."""
        kernel, *bias = layer.get_weights()
        return {}, [np.take(kernel, inputs[0], axis=2), *(np.take(b, output) for b in bias)]


class PerChannel(Rule):
    """A layer whose every weight has one entry per channel, such as BatchNorm."""

    def flow(self, layer: Any, inputs: Sequence[Layout], spaces: Spaces) -> Flow:
        """Passes the layout on; only the last axis counts as channels."""
        axis = layer.axis if isinstance(layer.axis, int) else layer.axis[0]
        if axis not in (-1, layer.output.shape.rank - 1):
            spaces.freeze(inputs[0], f"{layer.name} normalises axis {axis}, not the channels")
        return Flow(inputs[0], carries=True)

    def narrow(self, layer: Any, inputs: Sequence[Indices], output: Indices) -> Narrowed:  # noqa: ARG002 - the protocol
        """Slices every weight."""
        return {}, [np.take(weight, inputs[0], axis=-1) for weight in layer.get_weights()]


class Elementwise(Rule):
    """A layer without weights that treats every channel alike: activation, pooling, up-sampling, padding, dropout."""

    def flow(self, layer: Any, inputs: Sequence[Layout], spaces: Spaces) -> Flow:  # noqa: ARG002 - the protocol
        """Passes the layout on."""
        return Flow(inputs[0])


class Named(Elementwise):
    """An Activation layer: some, such as softmax, look across channels."""

    def flow(self, layer: Any, inputs: Sequence[Layout], spaces: Spaces) -> Flow:
        """Passes the layout on, frozen where the activation is not known to treat every channel alike."""
        mixing = _mixing_activation(layer)
        if mixing:
            spaces.freeze(inputs[0], mixing)
        return Flow(inputs[0])


class Scaled(Elementwise):
    """Rescaling, by one number for all channels or by one per channel."""

    def flow(self, layer: Any, inputs: Sequence[Layout], spaces: Spaces) -> Flow:
        """Passes the layout on, frozen where each channel has a number of its own."""
        if np.ndim(layer.scale) or np.ndim(layer.offset):
            spaces.freeze(inputs[0], f"{layer.name} has a number per channel")
        return Flow(inputs[0])


class Merge(Rule):
    """Elementwise operation on several tensors: ties their channels."""

    def flow(self, layer: Any, inputs: Sequence[Layout], spaces: Spaces) -> Flow:
        """Ties every input with the first; the widest is the layout of the output."""
        for other in inputs[1:]:
            spaces.tie(inputs[0], other, layer.name)
        return Flow(max(inputs, key=lambda layout: sum(segment.size for segment in layout)))


class Join(Rule):
    """Concatenation along the channels: puts the inputs side by side."""

    def flow(self, layer: Any, inputs: Sequence[Layout], spaces: Spaces) -> Flow:
        """Returns all segments in order; along another axis, ties the inputs instead."""
        if layer.axis not in (-1, layer.output.shape.rank - 1):
            return Merge().flow(layer, inputs, spaces)
        return Flow(tuple(segment for layout in inputs for segment in layout))


class Unknown(Rule):
    """What is not understood keeps all its channels."""

    def flow(self, layer: Any, inputs: Sequence[Layout], spaces: Spaces) -> Flow:
        """Freezes every input and opens a frozen space for each output."""
        reason = f"no channel rule for {type(layer).__name__} {layer.name!r}"
        for layout in inputs:
            spaces.freeze(layout, reason)
        return Flow(spaces.open(last_size(tf.nest.flatten(layer.output)[0].shape), frozen=reason))


_PASSING = (
    L.ReLU, L.LeakyReLU, L.ELU, L.Dropout, L.SpatialDropout2D, L.GaussianNoise,
    L.MaxPooling1D, L.MaxPooling2D, L.AveragePooling1D, L.AveragePooling2D,
    L.GlobalAveragePooling1D, L.GlobalAveragePooling2D, L.GlobalMaxPooling1D, L.GlobalMaxPooling2D,
    L.UpSampling1D, L.UpSampling2D, L.Resizing, L.ZeroPadding1D, L.ZeroPadding2D, L.Cropping1D, L.Cropping2D,
)  # fmt: skip

RULES: dict[type, Rule] = {
    L.InputLayer: Source(),
    L.Conv1D: Mixing("filters"),
    L.Conv2D: Mixing("filters"),
    L.Dense: Mixing("units"),
    L.DepthwiseConv2D: Depthwise(),
    L.BatchNormalization: PerChannel(),
    L.Activation: Named(),
    L.Rescaling: Scaled(),
    L.Concatenate: Join(),
    **{kind: Elementwise() for kind in _PASSING},
    **{kind: Merge() for kind in (L.Add, L.Subtract, L.Average, L.Maximum, L.Minimum, L.Multiply)},
}


def rule_for(layer: Any) -> Rule:
    """Returns the rule of a layer: its own `channel_rule`, else the one of its exact class, else Unknown."""
    own = getattr(layer, "channel_rule", None)
    if isinstance(own, Rule):
        return own
    if getattr(layer, "data_format", None) == "channels_first":
        return Unknown()
    return RULES.get(type(layer), Unknown())


def last_size(shape: Sequence[int | None]) -> int:
    """Returns the size of a tensor's last axis, 1 where it has none or an unknown one."""
    return (shape[-1] or 1) if len(shape) else 1


def _mixing_activation(layer: Any) -> str | None:
    """Returns why a layer's activation forbids the removal of channels, or None for one that treats each alike."""
    name = getattr(layer.activation, "__name__", type(layer.activation).__name__)
    if layer.activation in _CHANNELWISE:
        return None
    return f"{layer.name} applies {name}, which may look across channels"
