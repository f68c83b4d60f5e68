"""What the converter (TF 2.21) moves into layers around it, so that no operator of its own is left in the int8 file.

A ZeroPadding goes into each convolution behind that does not pad itself, where `padding="same"` would add the same
zeros; one of no zeros goes as well.

What becomes of gains and shifts of channels (BatchNorm, Rescaling, Average) hangs on how a network is quantized. With
fake quantization (`quantize.scheme=qat`) a BatchNorm goes into the linear layer before it, and what else there is
becomes a depthwise convolution of one tap. Without (ptq) each is a MUL and an ADD, of which these go:

    into a linear layer before, which hands on to nobody else
    into dense layers behind, where nothing else reads it
    one gain for all channels into convolutions behind, and one shift with it where these add no zeros
    a gain of 1 and a shift of 0
"""

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
import tf_keras

from edge_nas.core.choices import Scheme
from edge_nas.graph.fold import foldable
from edge_nas.graph.walk import Call, batchnorm_after
from edge_nas.graph.windows import window_of
from edge_nas.layers.kernels import Axis, zero_padding

L = tf_keras.layers

# What leaves codes as they are in inference.
NOTHING = (
    *(L.Dropout, L.SpatialDropout1D, L.SpatialDropout2D),
    *(L.GaussianNoise, L.GaussianDropout, L.AlphaDropout, L.ActivityRegularization),
)
_PADDINGS = (L.ZeroPadding1D, L.ZeroPadding2D)
_SEPARABLE = (L.SeparableConv1D, L.SeparableConv2D)
_CONVOLUTIONS = (L.Conv1D, L.Conv2D, L.DepthwiseConv1D, L.DepthwiseConv2D, *_SEPARABLE)
_TRANSPOSED = (L.Conv1DTranspose, L.Conv2DTranspose)  # subclasses of convolutions
_AFFINE = (L.BatchNormalization, L.Rescaling)


_MAP_RANK = 4  # (N, H, W, C)


class Affine(NamedTuple):
    """What is left of y = gain * x + shift: the shape of the gains and that of the shifts; None: there are none."""

    gains: tuple[int, ...] | None
    shifts: tuple[int, ...] | None


class ConverterFolds:
    """Paddings, gains and shifts of a network, as far as the converter moves them.

    Args:
        calls: of a flat network.
        outputs: keys of its outputs.
        scheme: how it is going to be quantized.

    Attributes:
        taken_in: keys of the outputs of gains and shifts that go into the linear layer before them.
    """

    def __init__(self, calls: Sequence[Call], outputs: Sequence[str], scheme: Scheme) -> None:
        self._outputs = frozenset(outputs)
        self._writers = {key: call for call in calls for key in call.outputs}
        self._readers: dict[str, list[Call]] = {}
        for call in calls:
            for key in call.inputs:
                self._readers.setdefault(key, []).append(call)
        self.taken_in = _norms_taken_in(calls, outputs)
        if scheme == "ptq":
            self._take_in_any(calls)

    def padding_before(self, call: Call) -> Call | None:
        """Returns the padding that a convolution takes in, which is then `padding="same"`; None: there is none."""
        layer = call.layer
        if not isinstance(layer, _CONVOLUTIONS) or isinstance(layer, _TRANSPOSED) or layer.padding != "valid":
            return None
        before = self._writers[call.inputs[0]]
        while isinstance(before.layer, NOTHING):
            before = self._writers[before.inputs[0]]
        if not isinstance(before.layer, _PADDINGS) or not np.any(before.layer.padding):
            return None
        sizes = self._writers[before.inputs[0]].output_shapes[0][1:-1]
        asked = tuple(before.layer.padding) if isinstance(before.layer, L.ZeroPadding2D) else (before.layer.padding,)
        window = window_of(layer)
        same = tuple(
            zero_padding("same", Axis(int(size or 0), *along))
            for size, along in zip(sizes, window.along_axes[-len(sizes) :], strict=True)
        )
        return before if tuple(tuple(each) for each in asked) == same else None

    def is_gone(self, call: Call) -> bool:
        """Whether a padding is taken in by all that read it."""
        readers = self._behind(call)
        return bool(readers) and all(self.padding_before(reader) is call for reader in readers)

    def affine_left(self, call: Call, channels: int) -> Affine:
        """Returns what is left, without fake quantization, of gains and shifts that no layer before takes in.

        `channels`: of them, in a network whose widths are others than the layer's.
        """
        affine = _affine_of(call.layer, channels)
        readers = self._behind(call)
        if readers and all(isinstance(reader.layer, L.Dense) for reader in readers):
            return Affine(None, None)
        one = all(shape is None or np.prod(shape, dtype=int) == 1 for shape in affine)
        if one and readers and all(self._takes_one(reader, affine) for reader in readers):
            return Affine(None, None)
        return affine

    def _behind(self, call: Call) -> list[Call]:
        """Returns the calls that read an output, behind those that are nothing; none where the network hands it on."""
        if call.outputs[0] in self._outputs:
            return []
        behind: list[Call] = []
        for reader in self._readers.get(call.outputs[0], []):
            if not isinstance(reader.layer, NOTHING):
                behind.append(reader)
                continue
            further = self._behind(reader)
            if not further:
                return []
            behind += further
        return behind

    def _takes_one(self, reader: Call, affine: Affine) -> bool:
        """Whether a convolution takes in one gain for all channels, and one shift: no zeros that it adds have that."""
        layer = reader.layer
        if isinstance(layer, _PADDINGS):
            return affine.shifts is None and self.is_gone(reader)
        if not isinstance(layer, _CONVOLUTIONS) or isinstance(layer, _TRANSPOSED):
            return False
        # Between a signal and the row that a convolution along time is moved over there is a RESHAPE.
        return len(reader.output_shapes[0]) == _MAP_RANK and (affine.shifts is None or layer.padding == "valid")

    def _take_in_any(self, calls: Sequence[Call]) -> None:
        """Adds what a linear layer before takes in besides a BatchNorm: any gains and shifts, and those behind them."""
        for call in calls:  # of a layer that is called twice each by itself: each has operators of its own
            if isinstance(call.layer, _AFFINE) and self._alone_behind_linear(call):
                self.taken_in.add(call.outputs[0])

    def _alone_behind_linear(self, call: Call) -> bool:
        """Whether a call is the only one to read what a linear layer makes."""
        (key,) = call.inputs
        alone = len(self._readers[key]) == 1 and key not in self._outputs
        return alone and self._is_linear(self._writers[key])

    def _is_linear(self, call: Call) -> bool:
        """Whether weights make an output, to which no function is applied."""
        layer = call.layer
        if isinstance(layer, _AFFINE):
            return call.outputs[0] in self.taken_in
        return isinstance(layer, (*_CONVOLUTIONS, L.Dense)) and layer.activation is tf_keras.activations.linear


def _norms_taken_in(calls: Sequence[Call], outputs: Sequence[str]) -> set[str]:
    """Returns the keys of the outputs of BatchNorms that go into the linear layer before them.

    `foldable` knows none behind what becomes other layers before anything is folded: a separable layer two, a depthwise
    one along moments one over a row.
    """
    rewritten = [call for call in calls if isinstance(call.layer, (*_SEPARABLE, L.DepthwiseConv1D))]
    behind = (batchnorm_after(call, calls, outputs) for call in rewritten)
    norms = [*foldable(calls, outputs).values(), *(norm for norm in behind if norm is not None)]
    names = {norm.name for norm in norms}
    return {call.outputs[0] for call in calls if call.layer.name in names}


def _affine_of(layer: tf_keras.layers.Layer, channels: int) -> Affine:
    if isinstance(layer, L.BatchNormalization):
        return Affine((channels,), (channels,))
    if isinstance(layer, L.Average):  # a share of the sum
        return Affine((), None)
    return Affine(_shape(layer.scale, 1.0, channels), _shape(layer.offset, 0.0, channels))


def _shape(values: Any, none: float, channels: int) -> tuple[int, ...] | None:
    """Returns the shape that gains or shifts have; None where all are such that they change nothing."""
    array = np.asarray(values, np.float32)
    if (array == none).all():
        return None
    return array.shape if array.size == 1 else (channels,)
