"""Layers that mix their input's channels into new ones: they read one channel group and produce another."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from edge_nas.graph.channels import Flow, Layout, Spaces, width
from edge_nas.graph.rules.protocol import Indices, Kernel, Narrowed, Rule, Weights, frozen, mixing_activation


class Source(Rule):
    """The network's input keeps its channels."""

    def flow(self, layer: Any, inputs: Sequence[Layout], spaces: Spaces) -> Flow:  # noqa: ARG002 - the protocol
        """Opens a frozen space."""
        return Flow(spaces.open(layer.output.shape[-1], frozen="the network's input"))


class Mixing(Rule):
    """Convolution or dense layer: reads all input channels and produces new ones.

    Args:
        width: name of the configuration key that holds the number of output channels.
        input_axis: axis of the kernel that runs over input channels; a bias follows the kernel.
        output_axis: axis of the kernel that runs over output channels.
    """

    def __init__(self, width: str, input_axis: int = -2, output_axis: int = -1) -> None:
        self._width = width
        self._axes = input_axis, output_axis

    def flow(self, layer: Any, inputs: Sequence[Layout], spaces: Spaces) -> Flow:
        """Opens a space; a convolution in groups is one filter per channel, or is not taken apart."""
        size, parts = layer.get_config()[self._width], getattr(layer, "groups", 1)
        if parts == 1:
            return Flow(spaces.open(size, frozen=mixing_activation(layer)), produces=True, reads=True)
        if not _one_filter_per_channel(layer, width(inputs[0])):
            return frozen(layer, inputs, spaces, f"{layer.name} convolves in {parts} groups")
        mixing = mixing_activation(layer)
        if mixing:
            spaces.freeze(inputs[0], mixing)
        return Flow(inputs[0], carries=True)

    def narrow(self, layer: Any, inputs: Sequence[Indices], output: Indices) -> Narrowed:
        """Slices the kernel on its channel axes, and the bias."""
        kernel, *bias = layer.get_weights()
        changes = {self._width: len(output)}
        if getattr(layer, "groups", 1) == 1:
            kernel = np.take(kernel, inputs[0], axis=self._axes[0])
        else:
            changes["groups"] = len(output)
        return changes, [np.take(kernel, output, axis=self._axes[1]), *(np.take(b, output) for b in bias)]

    def kernel(self, layer: Any) -> Kernel:
        """Returns the layer's own kernel, input and output channels last."""
        return np.moveaxis(layer.get_weights()[0], self._axes, (-2, -1))

    def ignore(self, layer: Any, gone: Indices) -> Weights:
        """Returns the weights with the kernel's rows of those channels zeroed."""
        kernel, *bias = layer.get_weights()
        np.moveaxis(kernel, self._axes[0], 0)[gone] = 0.0
        return [kernel, *bias]


class Separable(Rule):
    """Separable convolution: a depthwise and a pointwise kernel in one layer."""

    def flow(self, layer: Any, inputs: Sequence[Layout], spaces: Spaces) -> Flow:  # noqa: ARG002 - the protocol
        """Opens a space."""
        return Flow(spaces.open(layer.filters, frozen=mixing_activation(layer)), produces=True, reads=True)

    def narrow(self, layer: Any, inputs: Sequence[Indices], output: Indices) -> Narrowed:
        """Slices both kernels and the bias."""
        depthwise, pointwise, *bias = layer.get_weights()
        middle = _repeated(inputs[0], layer.depth_multiplier)
        pointwise = np.take(np.take(pointwise, middle, axis=-2), output, axis=-1)
        return {"filters": len(output)}, [
            np.take(depthwise, inputs[0], axis=-2),
            pointwise,
            *(np.take(b, output) for b in bias),
        ]

    def kernel(self, layer: Any) -> Kernel:
        """Returns the full convolution that both kernels amount to."""
        depthwise, pointwise, *_ = layer.get_weights()
        inputs, multiplier = depthwise.shape[-2:]
        mixed: Kernel = np.einsum("...cm,cmo->...co", depthwise, pointwise.reshape(inputs, multiplier, -1))
        return mixed

    def ignore(self, layer: Any, gone: Indices) -> Weights:
        """Returns the weights with the pointwise rows of those channels zeroed."""
        depthwise, pointwise, *bias = layer.get_weights()
        pointwise[..., _repeated(gone, layer.depth_multiplier), :] = 0.0
        return [depthwise, pointwise, *bias]


def _one_filter_per_channel(layer: Any, channels: int) -> bool:
    return bool(layer.groups == channels == layer.filters)


def _repeated(channels: Indices, times: int) -> Indices:
    """Returns the places of channels in a tensor that holds each of them `times` times in a row."""
    return [channel * times + copy for channel in channels for copy in range(times)]
