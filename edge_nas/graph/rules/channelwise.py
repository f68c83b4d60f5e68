"""Layers that leave channels apart: without weights, or with weights per channel."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import tensorflow as tf
import tf_keras

from edge_nas.graph.channels import Flow, Layout, Segment, Spaces
from edge_nas.graph.rules.protocol import Indices, Narrowed, Rule, mixing_activation, on_last_axis


class Elementwise(Rule):
    """A layer without weights that treats every channel alike: activation, pooling, up-sampling, padding, dropout."""

    def flow(self, layer: Any, inputs: Sequence[Layout], spaces: Spaces) -> Flow:  # noqa: ARG002 - the protocol
        """Passes the layout on."""
        return Flow(inputs[0])


class Named(Elementwise):
    """An Activation layer: some, such as softmax, look across channels."""

    def flow(self, layer: Any, inputs: Sequence[Layout], spaces: Spaces) -> Flow:
        """Passes the layout on, frozen where the activation is not known to treat every channel alike."""
        mixing = mixing_activation(layer)
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


class PerChannel(Rule):
    """A layer whose every weight ends in one entry per channel: BatchNorm, PReLU."""

    def flow(self, layer: Any, inputs: Sequence[Layout], spaces: Spaces) -> Flow:
        """Passes the layout on; BatchNorm must normalise the last axis, PReLU must not share its slopes over it."""
        if hasattr(layer, "axis") and not on_last_axis(layer):
            spaces.freeze(inputs[0], f"{layer.name} normalises axis {_axis(layer)}, not the channels")
        if layer.output.shape.rank - 1 in (getattr(layer, "shared_axes", None) or ()):
            return Flow(inputs[0])
        return Flow(inputs[0], carries=True)

    def narrow(self, layer: Any, inputs: Sequence[Indices], output: Indices) -> Narrowed:  # noqa: ARG002 - the protocol
        """Slices every weight that has one entry per channel."""
        if layer.output.shape.rank - 1 in (getattr(layer, "shared_axes", None) or ()):
            return {}, layer.get_weights()
        return {}, [np.take(weight, inputs[0], axis=-1) for weight in layer.get_weights()]


class Normalizing(PerChannel):
    """LayerNormalization over the channels: mean and variance are those of the channels that stay.

    So a removed channel changes the others by its share in the statistics, which the repair of the readers makes good.
    """

    def flow(self, layer: Any, inputs: Sequence[Layout], spaces: Spaces) -> Flow:
        """Passes the layout on; statistics over other axes than the channels keep all of them."""
        if not on_last_axis(layer):
            spaces.freeze(inputs[0], f"{layer.name} normalises axes {_axis(layer)}, not the channels alone")
        return Flow(inputs[0], carries=True)

    def masked(self, layer: Any, stays: Indices) -> Any:
        """Returns a layer that takes its statistics over the channels that stay."""
        return _StatisticsOfSome(stays, **layer.get_config())


class _StatisticsOfSome(tf_keras.layers.LayerNormalization):
    """LayerNormalization of all channels by mean and variance of some."""

    def __init__(self, stays: Indices, **settings: Any) -> None:
        super().__init__(**settings)
        self._stays = list(stays)

    def call(self, inputs: Any) -> Any:
        """Returns (x − mean) / sqrt(variance + epsilon) · gamma + beta."""
        mean, variance = tf.nn.moments(tf.gather(inputs, self._stays, axis=-1), axes=[-1], keepdims=True)
        result = (inputs - mean) * tf.math.rsqrt(variance + self.epsilon)
        result = result * self.gamma if self.scale else result
        return result + self.beta if self.center else result


class Depthwise(Rule):
    """Depthwise convolution: each channel passes on its own and makes `depth_multiplier` channels, side by side."""

    def flow(self, layer: Any, inputs: Sequence[Layout], spaces: Spaces) -> Flow:
        """Passes the layout on, every channel repeated."""
        mixing = mixing_activation(layer)
        if mixing:
            spaces.freeze(inputs[0], mixing)
        times = layer.depth_multiplier
        return Flow(tuple(Segment(s.space, s.size, s.repeat * times) for s in inputs[0]), carries=True)

    def narrow(self, layer: Any, inputs: Sequence[Indices], output: Indices) -> Narrowed:
        """Slices the kernel's input axis and the bias."""
        kernel, *bias = layer.get_weights()
        return {}, [np.take(kernel, inputs[0], axis=-2), *(np.take(b, output) for b in bias)]


def _axis(layer: Any) -> Any:
    axes = [layer.axis] if isinstance(layer.axis, int) else list(layer.axis)
    return axes[0] if len(axes) == 1 else axes
