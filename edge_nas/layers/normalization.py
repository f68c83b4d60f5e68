"""BatchNormalization, LayerNormalization, GroupNormalization, and Rescaling: gains and shifts, learnt or given."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import tensorflow as tf
import tf_keras

from edge_nas.core.arrays import Array
from edge_nas.layers.infile import InFile
from edge_nas.layers.kind import LayerKind
from edge_nas.layers.registry import register
from edge_nas.layers.rules import Elementwise, Indices, Narrowed, PerChannel, axis_of, on_last_axis
from edge_nas.layers.spaces import Flow, Layout, Spaces, width


class RescalingRule(Elementwise):
    """Rescaling, by one number for all channels or by one per channel."""

    def flow(self, layer: Any, inputs: Sequence[Layout], spaces: Spaces) -> Flow:
        """Passes the layout on, frozen where each channel has a number of its own."""
        if np.ndim(layer.scale) or np.ndim(layer.offset):
            spaces.freeze(inputs[0], f"{layer.name} has a number per channel")
        return Flow(inputs[0])


class NormalizingRule(PerChannel):
    """LayerNormalization over the channels: mean and variance are those of the kept channels.

    So a removed channel changes the others by its share in the statistics, which the repair of the readers makes good.
    """

    def flow(self, layer: Any, inputs: Sequence[Layout], spaces: Spaces) -> Flow:
        """Passes the layout on; statistics over other axes than the channels keep all of them."""
        if not on_last_axis(layer):
            spaces.freeze(inputs[0], f"{layer.name} normalises axes {axis_of(layer)}, not the channels alone")
        return Flow(inputs[0], carries=True)

    def masked(self, layer: Any, kept: Indices) -> Any:
        """Returns a layer that takes its statistics over the kept channels."""
        return _StatisticsOfSome(kept, **layer.get_config())


class GroupRule(NormalizingRule):
    """GroupNormalization over positions and all channels at once, or over those of each of several groups.

    Of several groups, whole ones go: what is left in a group would have other statistics otherwise.
    """

    def flow(self, layer: Any, inputs: Sequence[Layout], spaces: Spaces) -> Flow:
        """Passes the layout on, the channels of each of several groups as one."""
        channels = width(inputs[0])
        if not on_last_axis(layer):
            spaces.freeze(inputs[0], f"{layer.name} normalises axis {axis_of(layer)}, not the channels")
        elif layer.groups != 1 and not spaces.join(inputs[0], channels // layer.groups):
            spaces.freeze(inputs[0], f"{layer.name} normalises channels of several layers in one group")
        return Flow(inputs[0], carries=True)

    def narrow(self, layer: Any, inputs: Sequence[Indices], output: Indices) -> Narrowed:
        """Slices gain and shift; of several groups, those that are kept keep their size."""
        changes, weights = super().narrow(layer, inputs, output)
        channels = layer.output.shape[-1] // layer.groups
        return {**changes, "groups": 1 if layer.groups == 1 else len(output) // channels}, weights

    def masked(self, layer: Any, kept: Indices) -> Any:
        """Returns a layer that takes its statistics over the kept channels; of several groups none."""
        return _StatisticsOfSomeAtAll(kept, **layer.get_config()) if layer.groups == 1 else None


class _StatisticsOfSome(tf_keras.layers.LayerNormalization):
    """LayerNormalization of all channels by mean and variance of some."""

    def __init__(self, kept: Indices, **settings: Any) -> None:
        super().__init__(**settings)
        self._kept = list(kept)

    def call(self, inputs: Any) -> Any:
        """Returns (x − mean) / sqrt(variance + epsilon) · gamma + beta."""
        mean, variance = tf.nn.moments(tf.gather(inputs, self._kept, axis=-1), axes=[-1], keepdims=True)
        result = (inputs - mean) * tf.math.rsqrt(variance + self.epsilon)
        result = result * self.gamma if self.scale else result
        return result + self.beta if self.center else result


class _StatisticsOfSomeAtAll(tf_keras.layers.GroupNormalization):
    """GroupNormalization of all channels, in one group, by mean and variance of some, over all positions."""

    def __init__(self, kept: Indices, **settings: Any) -> None:
        super().__init__(**settings)
        self._kept = list(kept)

    def call(self, inputs: Any) -> Any:
        """Returns (x − mean) / sqrt(variance + epsilon) · gamma + beta."""
        axes = list(range(1, inputs.shape.rank))
        mean, variance = tf.nn.moments(tf.gather(inputs, self._kept, axis=-1), axes=axes, keepdims=True)
        return tf.nn.batch_normalization(inputs, mean, variance, self.beta, self.gamma, self.epsilon)


def gain_and_shift(batchnorm: Any) -> tuple[Array, Array]:
    """Returns (g, s), float64 of shape (C,), such that in inference the BatchNorm gives g · x + s."""
    gain = 1.0 / np.sqrt(np.asarray(batchnorm.moving_variance, np.float64) + batchnorm.epsilon)
    if batchnorm.scale:
        gain = gain * np.asarray(batchnorm.gamma, np.float64)
    shift = -np.asarray(batchnorm.moving_mean, np.float64) * gain
    if batchnorm.center:
        shift = shift + np.asarray(batchnorm.beta, np.float64)
    return gain, shift


BATCHNORM = LayerKind(channels=PerChannel(), in_file=InFile(becomes="batchnorm"))
"""The only kind that a kernel before it can take in: in inference it is a gain and a shift per channel."""

register(BATCHNORM, tf_keras.layers.BatchNormalization)
register(LayerKind(channels=NormalizingRule(), in_file=InFile(no_macs=True)), tf_keras.layers.LayerNormalization)
register(LayerKind(channels=GroupRule(), in_file=InFile(no_macs=True)), tf_keras.layers.GroupNormalization)
register(LayerKind(channels=RescalingRule()), tf_keras.layers.Rescaling)
