"""Where a pre-activation makes no difference: values that the activation behind a layer clips to the same output.

    pre-activation   -3.0   -0.5    0.2    4.0    6.5    9.0
    ReLU6             0      0      0.2    4.0    6      6
                     └ not active ┘└─ active ─┘└ not active ┘       active range: low 0, high 6

Whatever a layer computes below 0, the network goes on with 0. The repair uses that freedom (design note 10): see
`ActiveRange.targets`.
"""

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
import tf_keras

from edge_nas.core.arrays import Array
from edge_nas.graph.walk import Call
from edge_nas.layers.normalization import gain_and_shift

Interval = tuple[float, float]

_layers = tf_keras.layers
_EVERYWHERE: Interval = (-np.inf, np.inf)


class ActiveRange(NamedTuple):
    """Per output channel of a layer the pre-activations that make a difference: from `low` to `high`, (channels,) each.

    A pre-activation is what the kernel puts out plus the layer's bias.
    """

    low: Array
    high: Array

    @property
    def unbounded(self) -> bool:
        """True where every pre-activation makes a difference."""
        return bool(np.isneginf(self.low).all() and np.isposinf(self.high).all())

    def targets(self, original: Array, current: Array) -> Array:
        """Returns the pre-activations to aim at, so that after the activation the original's outputs are met.

        Inside the range that is the original's own value. Beyond an end, anything beyond that end is as good: what the
        layer puts out at present, if it lies there, else the end itself.

            low 0, high 6     original  -2.0   -2.0    3.0    8.0    8.0
                              current   -5.0    4.0   -5.0    4.0    9.0
                              target    -5.0    0.0    3.0    6.0    9.0

        Args:
            original: pre-activations (positions, channels) of the original layer.
            current: those of the layer that is to meet them.
        """
        below = original <= self.low
        above = original >= self.high
        targets = np.where(below, np.minimum(current, self.low), original)
        return np.where(above, np.maximum(current, self.high), targets)


def active_range(call: Call, batchnorm: Any | None, calls: Sequence[Call], outputs: Sequence[str]) -> ActiveRange:
    """Returns the active range of a layer, given by the ReLU inside it or right behind it.

    A BatchNorm in between is an affine map per channel, through which the ReLU's ends are traced back; where its gain
    is negative, what lies above the threshold came from below.

    Args:
        call: of a layer with a kernel.
        batchnorm: the BatchNorm that alone reads it, or None.
        calls: all of the network.
        outputs: keys of the network's outputs.
    """
    channels = call.output_shapes[0][-1] or 1
    gain, shift = np.ones(channels), np.zeros(channels)
    if batchnorm is None:
        last, interval = call, _active_interval(call.layer)
    else:
        last, interval = next(other for other in calls if other.layer is batchnorm), _EVERYWHERE
        gain, shift = gain_and_shift(batchnorm)
    if interval == _EVERYWHERE:
        interval = _interval_behind(last, calls, outputs)
    # y = gain * x + shift is at an end of the interval where x = (end - shift) / gain.
    with np.errstate(divide="ignore", invalid="ignore"):
        ends = np.stack([(end - shift) / gain for end in interval])
    low, high = np.sort(ends, axis=0)
    # With gain 0 the BatchNorm puts out a constant and nothing makes a difference: every value lies below infinity.
    constant = gain == 0.0
    return ActiveRange(np.where(constant, np.inf, low), np.where(constant, np.inf, high))


def _interval_behind(call: Call, calls: Sequence[Call], outputs: Sequence[str]) -> Interval:
    """Returns the active interval of the one layer that reads a call's output; everywhere, if others see it too."""
    readers = [other.layer for other in calls if call.outputs[0] in other.inputs]
    if len(readers) != 1 or call.outputs[0] in outputs:
        return _EVERYWHERE
    return _active_interval(readers[0])


def _active_interval(layer: Any) -> Interval:
    """Returns the interval outside of which a layer's activation is constant."""
    if type(layer) is _layers.ReLU:
        if layer.negative_slope != 0 or layer.threshold != 0:
            return _EVERYWHERE
        return 0.0, np.inf if layer.max_value is None else float(layer.max_value)
    # A layer of the user's may do other things behind its activation.
    from_keras = layer.__module__.startswith("tf_keras.")
    if from_keras and getattr(layer, "activation", None) is tf_keras.activations.relu:
        return 0.0, np.inf
    return _EVERYWHERE
