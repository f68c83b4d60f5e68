"""Channel rules: how channels pass a layer, and what becomes of the layer when some of them go.

A rule answers two questions. `flow`: given the layouts of the inputs, what is the layout of the output, and does the
layer write, carry or read channels? `narrow`: given which input and output channels are kept, what are its new
configuration and weights? Both stand in one class, so that they cannot disagree (design note 2). Here are the rules
that several kinds of layers share; those of one kind stand in its file.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
import tensorflow as tf

from edge_nas.core.arrays import Floats
from edge_nas.errors import GraphError
from edge_nas.layers.functions import mixing_activation
from edge_nas.layers.spaces import Flow, Layout, Rows, Spaces, width

Weights = list[Floats]
Narrowed = tuple[dict[str, Any], Weights]
Indices = Sequence[int]


class ChannelRule:
    """What a rule answers; what is not overridden leaves configuration and weights as they are."""

    def flow(self, layer: Any, inputs: Sequence[Layout], spaces: Spaces) -> Flow:
        """Returns how channels pass `layer`; may open, tie and freeze spaces."""
        raise NotImplementedError

    def narrow(self, layer: Any, inputs: Sequence[Indices], output: Indices) -> Narrowed:  # noqa: ARG002 - the protocol
        """Returns (changes of the configuration, weights) for the channels that are kept."""
        return {}, layer.get_weights()

    def takes_rows(self, layer: Any, rows: Rows) -> bool:  # noqa: ARG002 - the protocol
        """True where `flow` knows what to make of a tensor of this layout; else what it holds is frozen."""
        return False

    def ties_calls(self, layer: Any) -> bool:
        """True where one narrowed layer must serve all of its calls, so that their channels go together."""
        return bool(layer.weights)

    def kernel(self, layer: Any) -> Floats:
        """Returns what a reader multiplies its input's channels with, (..., input channels, output channels).

        Only of layers whose flow `reads`.
        """
        raise GraphError(f"{type(self).__name__} is no rule of a layer that reads channels; {layer.name} has it")

    def ignore(self, layer: Any, gone: Indices) -> Weights:  # noqa: ARG002 - the protocol
        """Returns the weights with which a reader takes nothing from the input channels `gone`."""
        raise GraphError(f"{type(self).__name__} is no rule of a layer that reads channels; {layer.name} has it")

    def masked(self, layer: Any, kept: Indices) -> Any | None:  # noqa: ARG002 - the protocol
        """Returns a layer of the same weights that looks past all but the kept channels, in the masked network.

        None for layers that treat every channel on its own: they need no mask.
        """
        return None


class Unknown(ChannelRule):
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


class Elementwise(ChannelRule):
    """A layer without weights that treats every channel alike: activation, pooling, up-sampling, padding, dropout."""

    def flow(self, layer: Any, inputs: Sequence[Layout], spaces: Spaces) -> Flow:  # noqa: ARG002 - the protocol
        """Passes the layout on."""
        return Flow(inputs[0])


class PerChannel(ChannelRule):
    """A layer whose every weight ends in one entry per channel: BatchNorm, PReLU."""

    def flow(self, layer: Any, inputs: Sequence[Layout], spaces: Spaces) -> Flow:
        """Passes the layout on; BatchNorm must normalise the last axis, PReLU must not share its slopes over it."""
        if hasattr(layer, "axis") and not on_last_axis(layer):
            spaces.freeze(inputs[0], f"{layer.name} normalises axis {axis_of(layer)}, not the channels")
        if _shared_by_channels(layer):
            return Flow(inputs[0])
        return Flow(inputs[0], carries=True)

    def narrow(self, layer: Any, inputs: Sequence[Indices], output: Indices) -> Narrowed:  # noqa: ARG002 - the protocol
        """Slices every weight that has one entry per channel."""
        if _shared_by_channels(layer):
            return {}, layer.get_weights()
        return {}, [np.take(weight, inputs[0], axis=-1) for weight in layer.get_weights()]


class Mixing(ChannelRule):
    """A layer with a kernel that reads all input channels and produces new ones: convolution, dense layer.

    Args:
        width: name of the configuration key that holds the number of output channels.
        input_axis: axis of the kernel that runs over input channels; a bias follows the kernel.
        output_axis: axis of the kernel that runs over output channels.
    """

    def __init__(self, width: str, input_axis: int = -2, output_axis: int = -1) -> None:
        self._width = width
        self._axes = input_axis, output_axis

    def flow(self, layer: Any, inputs: Sequence[Layout], spaces: Spaces) -> Flow:
        """Opens a space; a convolution in groups carries its groups, which go whole."""
        if not sets_width(layer, self._width):
            return frozen(layer, inputs, spaces, f"{layer.name} has no {self._width!r} in its configuration")
        parts = getattr(layer, "groups", 1)
        if parts == 1:
            opened = spaces.open(last_size(layer.output.shape), frozen=mixing_activation(layer))
            return Flow(opened, writes=True, reads=True)
        read = width(inputs[0]) // parts
        if not spaces.join(inputs[0], read):
            return frozen(layer, inputs, spaces, f"{layer.name} reads channels of several layers in one group")
        mixing = mixing_activation(layer)
        if mixing:
            spaces.freeze(inputs[0], mixing)
        return Flow(tuple(segment.times(layer.filters // parts, read) for segment in inputs[0]), carries=True)

    def narrow(self, layer: Any, inputs: Sequence[Indices], output: Indices) -> Narrowed:
        """Slices the kernel on its channel axes, of a convolution in groups on that of its outputs, and the bias."""
        kernel, *bias = layer.get_weights()
        changes = {self._width: len(output)}
        if getattr(layer, "groups", 1) == 1:
            kernel = np.take(kernel, inputs[0], axis=self._axes[0])
        else:
            changes["groups"] = len(inputs[0]) // kernel.shape[self._axes[0]]
        return changes, [np.take(kernel, output, axis=self._axes[1]), *(np.take(b, output) for b in bias)]

    def kernel(self, layer: Any) -> Floats:
        """Returns the layer's own kernel, input and output channels last."""
        return np.moveaxis(layer.get_weights()[0], self._axes, (-2, -1))

    def ignore(self, layer: Any, gone: Indices) -> Weights:
        """Returns the weights with the kernel's rows of those channels zeroed."""
        kernel, *bias = layer.get_weights()
        np.moveaxis(kernel, self._axes[0], 0)[gone] = 0.0
        return [kernel, *bias]


def frozen(layer: Any, inputs: Sequence[Layout], spaces: Spaces, reason: str) -> Flow:
    """Freezes the inputs and returns the flow into a frozen space."""
    for layout in inputs:
        spaces.freeze(layout, reason)
    return Flow(spaces.open(last_size(tf.nest.flatten(layer.output)[0].shape), frozen=reason), writes=True)


def last_size(shape: Sequence[int | None]) -> int:
    """Returns the size of a tensor's last axis, 1 where it has none or an unknown one."""
    return (shape[-1] or 1) if len(shape) else 1


def sets_width(layer: Any, key: str) -> bool:
    """True where `key` of a layer's configuration is the number of its output channels, so that `narrow` can change it.

    A subclass may have a configuration of its own.
    """
    return bool(layer.get_config().get(key) == last_size(layer.output.shape))


def on_last_axis(layer: Any) -> bool:
    """True where a layer's `axis`, a number or one in a list, is that of the channels."""
    return axis_of(layer) in (-1, layer.output.shape.rank - 1)


def axis_of(layer: Any) -> Any:
    """Returns a layer's `axis`: a number, or a list of several."""
    axes = [layer.axis] if isinstance(layer.axis, int) else list(layer.axis)
    return axes[0] if len(axes) == 1 else axes


def _shared_by_channels(layer: Any) -> bool:
    """True where all channels share one weight: a PReLU whose `shared_axes` hold the last axis."""
    return layer.output.shape.rank - 1 in (getattr(layer, "shared_axes", None) or ())
