"""The int8 network that a flat Keras network of some widths would become, with random weights: shapes decide its cost.

Layers become operators as the converter makes them: a BatchNorm goes into the linear layer before it, a ReLU as well; a
signal is a map of one row where a layer of one dimension reads it (`edge_nas.quantization.layers.one_row`). What is not
known here is refused by name: a cost that leaves a layer out would be a wrong one. So is a layer whose map has other
sizes than its operator's.

Two things hang on how it is quantized (`quantize.scheme`): what becomes of gains and shifts of channels
(`edge_nas.graph.converterfolds`), and whether a dense layer has one scale (qat) or one for each output.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import tf_keras

from edge_nas.core.choices import Scheme
from edge_nas.errors import ConfigError
from edge_nas.graph.channels import ChannelGraph
from edge_nas.graph.converterfolds import NOTHING, ConverterFolds
from edge_nas.graph.converterorder import converter_order
from edge_nas.graph.walk import Call, input_keys, layer_calls, output_keys
from edge_nas.graph.windows import rows_and_columns, window_of
from edge_nas.int8.graph import Int8Graph
from edge_nas.int8.sketch import Activation, Sketch, SketchTensor, Window
from edge_nas.layers.functions import is_fused, is_linear
from edge_nas.layers.rules import on_last_axis
from edge_nas.layers.spaces import width

L = tf_keras.layers

_MAP, _SIGNAL = 3, 2  # (H, W, C), and (moments, channels)
_TAP = Window((1, 1), padding="valid")
_Append = Callable[["_Sketching", Call, list[SketchTensor]], SketchTensor]


def sketch_of(model: tf_keras.Model, graph: ChannelGraph, widths: Mapping[str, int], scheme: Scheme) -> Int8Graph:
    """Returns the int8 network, of random weights.

    Args:
        model: flat network with one input and one output.
        graph: its channel graph.
        widths: channels that groups keep, by their names; of those that are absent, all.
        scheme: how it is going to be quantized.

    Raises:
        ConfigError: a layer that is not known here.
    """
    return _Sketching(model, graph, widths, scheme).network()


class _Sketching:
    """One walk over the calls of a network."""

    def __init__(self, model: tf_keras.Model, graph: ChannelGraph, widths: Mapping[str, int], scheme: Scheme) -> None:
        self._model = model
        calls = layer_calls(model)
        self._parts = converter_order(model, calls, scheme)
        self._graph = graph
        self._widths = widths
        self.scheme = scheme
        self.folds = ConverterFolds(calls, output_keys(model), scheme)
        self.unpadded: dict[str, SketchTensor] = {}  # what paddings pad, by the keys of their outputs
        self._ended_in: set[str] = set()  # outputs of activations that operators before them end in
        self._times = Counter(call.layer.name for call in calls)
        self._readers: dict[str, list[Call]] = {}
        for call in calls:
            for key in call.inputs:
                self._readers.setdefault(key, []).append(call)
        self.net = Sketch(tuple(model.input_shape[1:]))

    def network(self) -> Int8Graph:
        """Returns the network."""
        (source,), (target,) = input_keys(self._model), output_keys(self._model)
        values = {source: self.net.input}
        for part in self._parts:
            if part.inputs:
                key = part.call.outputs[0]
                inputs = self._alike(
                    [values[each] for each in ((key, *part.inputs) if part.is_further else part.inputs)]
                )
                made = self._appended(part.call, inputs) if part.is_last else _of_two(self, part.call, inputs)
                values[key] = self._checked(part.call, made)
        shape = tuple(self._model.output_shape[1:])
        output = values[target]
        if output.shape[:-1] == (1, *shape[:-1]):
            output = self.net.reshape(output, output.shape[1:])
        return self.net.graph(output, str(self._model.name))

    def row(self, x: SketchTensor) -> SketchTensor:
        """Returns a signal as a map of one row; what is a map stays."""
        return self.net.reshape(x, (1, *x.shape)) if len(x.shape) == _SIGNAL else x

    def channels(self, call: Call) -> int:
        """Returns how many channels the output of a call keeps along its last axis."""
        layout = self._graph.tensors[call.outputs[0]]
        kept = [self._widths.get(self._graph.groups[each.space].name, each.size) for each in layout]
        last = int(call.output_shapes[0][-1] or 0)
        if width(layout) != last:  # channels cut into rows, as those of a signal that becomes an image
            if kept != [each.size for each in layout]:
                raise _unknown(call, " at fewer channels, which it cuts into rows")
            return last
        return sum(count * each.repeat for count, each in zip(kept, layout, strict=True))

    def kernel(self, call: Call, part: str = "") -> str | None:
        """Returns a name for the kernel that all operators of a layer have; None where it is called once.

        Gains that go into it are in its scales: where they are positive its codes stay the same.
        """
        return f"{call.layer.name}/{part}" if self._times[call.layer.name] > 1 else None

    def activation(self, call: Call) -> Activation:
        """Returns what the operator of a call ends in: a ReLU of its own, or one that alone reads it."""
        own = getattr(call.layer, "activation", None)
        if not is_linear(own):
            return _relu(own) if is_fused(own) else "linear"
        *_, last = call, *self._readers_taken_in(call)
        reader = self._only_reader(last)
        function = None if reader is None else _function(reader.layer)
        if reader is None or is_linear(function) or not is_fused(function):
            return "linear"
        self._ended_in.add(reader.outputs[0])
        return _relu(function)

    def _readers_taken_in(self, call: Call) -> Iterator[Call]:
        """Yields the gains and shifts behind a call that go into its weights."""
        reader = self._only_reader(call)
        while reader is not None and reader.outputs[0] in self.folds.taken_in:
            yield reader
            reader = self._only_reader(reader)

    def _only_reader(self, call: Call) -> Call | None:
        readers = self._readers.get(call.outputs[0], [])
        return readers[0] if len(readers) == 1 else None

    def _alike(self, inputs: list[SketchTensor]) -> list[SketchTensor]:
        """Returns the inputs of a layer, all signals as rows where one is a row."""
        ranks = {len(x.shape) for x in inputs}
        return [self.row(x) for x in inputs] if ranks == {_SIGNAL, _MAP} else inputs

    def _checked(self, call: Call, output: SketchTensor) -> SketchTensor:
        """Returns the output of a call.

        Raises:
            ConfigError: the layer makes other sizes than its operator, which is not the one for it then.
        """
        is_gone = call.outputs[0] in self.unpadded and self.folds.is_gone(call)
        if is_gone or isinstance(call.layer, NOTHING):
            return output
        sizes = tuple(int(size or 0) for size in call.output_shapes[0][1:-1])
        expected = (*sizes, self.channels(call))
        if output.shape not in (expected, (1, *expected)):
            raise _unknown(call, f": it makes {expected}, an operator as of its kind {output.shape}")
        return output

    def _appended(self, call: Call, inputs: list[SketchTensor]) -> SketchTensor:
        layer = call.layer
        function = _function(layer)
        if isinstance(layer, NOTHING) or call.outputs[0] in self.folds.taken_in:
            return inputs[0]
        if getattr(layer, "data_format", "channels_last") != "channels_last":
            raise _unknown(call, " on channels that come first")
        if function is not None:
            return self._activated(call, function, inputs[0])
        append = next((append for kind, append in _APPENDED.items() if isinstance(layer, kind)), None)
        if append is None:
            raise _unknown(call)
        output = append(self, call, inputs)
        own = getattr(layer, "activation", None)
        return output if is_linear(own) or is_fused(own) else self._activated(call, own, output)

    def _activated(self, call: Call, function: Any, x: SketchTensor) -> SketchTensor:
        """Returns what an activation that is no part of another operator makes."""
        if is_linear(function) or call.outputs[0] in self._ended_in:
            return x
        if is_fused(function):
            return self.net.relu(x, _relu(function))
        if getattr(function, "axis", -1) not in (-1, len(call.output_shapes[0]) - 1):
            raise _unknown(call, " along another axis than the last")
        name = getattr(function, "__name__", type(function).__name__).lower()
        if name.startswith("softmax"):
            return self.net.softmax(x)
        if name in ("sigmoid", "tanh", "hard_sigmoid", "leakyrelu", "leaky_relu", "elu"):
            return self.net.logistic(x)  # as one table does for all of them
        raise ConfigError(f"layer {call.layer.name!r}: what the activation {name} takes cannot be predicted")


def _function(layer: Any) -> Any:
    """Returns the function of a layer that is an activation; None for others."""
    if isinstance(layer, L.Activation):
        return layer.activation
    return layer if isinstance(layer, L.ReLU | L.LeakyReLU | L.ELU | L.Softmax) else None


def _relu(function: Any) -> Activation:
    most = function.max_value if isinstance(function, L.ReLU) else None
    return "relu6" if most == 6 or getattr(function, "__name__", "") == "relu6" else "relu"


def _unknown(call: Call, why: str = "") -> ConfigError:
    kind = type(call.layer).__name__
    return ConfigError(f"layer {call.layer.name!r} ({kind}): what its operator takes cannot be predicted{why}")


def _read(at: _Sketching, call: Call, x: SketchTensor) -> tuple[SketchTensor, Window]:
    """Returns what the window of a convolution is moved over, and the window.

    A causal one has zeros on the left; one that takes in a padding reads what that pads.
    """
    layer, window = call.layer, window_of(call.layer)
    padding = at.folds.padding_before(call)
    if padding is not None:
        return at.row(at.unpadded[padding.outputs[0]]), replace(window, padding="same")
    zeros = (layer.kernel_size[0] - 1) * layer.dilation_rate[0] if layer.padding == "causal" else 0
    x = at.row(x)
    return (at.net.pad(x, 0, 0, zeros, 0) if zeros else x), window


def _convolution(at: _Sketching, call: Call, inputs: list[SketchTensor]) -> SketchTensor:
    (x, window), channels = _read(at, call, inputs[0]), at.channels(call)
    # Of several, whole groups of channels are removed.
    per_group = int(call.layer.kernel.shape[-2]) if call.layer.groups > 1 else x.shape[-1]
    groups, odd = divmod(x.shape[-1], per_group)
    if odd or channels % groups:
        raise _unknown(call, f" in groups at {x.shape[-1]} channels to {channels}")
    return at.net.convolution(x, channels, window, at.activation(call), groups=groups, kernel=at.kernel(call))


def _transposed(at: _Sketching, call: Call, inputs: list[SketchTensor]) -> SketchTensor:
    window = window_of(call.layer)
    if window.dilations != (1, 1):
        raise _unknown(call, f" dilated by {call.layer.dilation_rate}")
    own = call.layer.activation
    if at.scheme == "ptq":
        activation = at.activation(call)
        return at.net.transpose_convolution(inputs[0], at.channels(call), window, activation, kernel=at.kernel(call))
    x = at.net.transpose_convolution(inputs[0], at.channels(call), window, "linear", kernel=at.kernel(call))
    # With fake quantization a ReLU stays an operator of its own behind it.
    return at.net.relu(x, _relu(own)) if not is_linear(own) and is_fused(own) else x


def _depthwise(at: _Sketching, call: Call, inputs: list[SketchTensor]) -> SketchTensor:
    x, window = _read(at, call, inputs[0])
    multiplier = call.layer.depth_multiplier
    return at.net.depthwise(x, window, at.activation(call), multiplier=multiplier, kernel=at.kernel(call))


def _separable(at: _Sketching, call: Call, inputs: list[SketchTensor]) -> SketchTensor:
    x, window = _read(at, call, inputs[0])
    multiplier = call.layer.depth_multiplier
    x = at.net.depthwise(x, window, "linear", multiplier=multiplier, kernel=at.kernel(call, "depthwise"))
    return at.net.convolution(x, at.channels(call), _TAP, at.activation(call), kernel=at.kernel(call, "pointwise"))


def _refused(_: _Sketching, call: Call, __: list[SketchTensor]) -> SketchTensor:
    raise _unknown(call)


def _dense(at: _Sketching, call: Call, inputs: list[SketchTensor]) -> SketchTensor:
    x = at.net.dense(
        inputs[0], at.channels(call), at.activation(call), per_channel=at.scheme == "ptq", kernel=at.kernel(call)
    )
    positions = [int(size or 0) for size in call.output_shapes[0][1:-1]]
    return at.net.reshape(x, (*positions, *x.shape)) if set(positions) == {1} else x


def _affine(at: _Sketching, call: Call, inputs: list[SketchTensor]) -> SketchTensor:
    """Appends what becomes of one gain and one shift per channel."""
    (x,) = inputs
    if isinstance(call.layer, L.BatchNormalization) and not on_last_axis(call.layer):
        raise _unknown(call, " along another axis than the last")
    if at.scheme == "ptq":
        return _as_products(at, call, x)
    return _as_convolution(at, call, x)


def _as_products(at: _Sketching, call: Call, x: SketchTensor) -> SketchTensor:
    """Appends a MUL and an ADD, as far as they are left."""
    gains, shifts = at.folds.affine_left(call, x.shape[-1])
    if gains is None and shifts is None:
        return x
    activation = at.activation(call)
    if gains is not None:
        x = at.net.multiply(x, at.net.gains(x, gains), "linear" if shifts is not None else activation)
    return x if shifts is None else at.net.add(x, at.net.gains(x, shifts), activation)


def _as_convolution(at: _Sketching, call: Call, x: SketchTensor) -> SketchTensor:
    """Appends what `edge_nas.quantization.layers.affine` makes of them."""
    if len(x.shape) not in (1, _MAP):
        raise _unknown(call, " before a convolution has made a map of the signal")
    kernel = at.kernel(call)
    if len(x.shape) == _MAP:
        return at.net.depthwise(x, _TAP, at.activation(call), kernel=kernel)
    # A ReLU that reads it is behind the second reshape, and stays an operator of its own.
    as_map = at.net.reshape(x, (1, 1, x.shape[-1]))
    return at.net.reshape(at.net.depthwise(as_map, _TAP, "linear", kernel=kernel), x.shape)


def _merge(at: _Sketching, call: Call, inputs: list[SketchTensor]) -> SketchTensor:
    return _of_two(at, call, inputs, at.activation(call))


def _of_two(at: _Sketching, call: Call, inputs: list[SketchTensor], activation: Activation = "linear") -> SketchTensor:
    """Returns the sum or product of two inputs of a merge, or of what is made of those before and the next one."""
    a, b = inputs
    return (at.net.multiply if isinstance(call.layer, L.Multiply) else at.net.add)(a, b, activation)


def _average(at: _Sketching, call: Call, inputs: list[SketchTensor]) -> SketchTensor:
    total = _of_two(at, call, inputs)
    if at.scheme == "ptq":
        return _as_products(at, call, total)
    if len(total.shape) != _MAP:
        raise _unknown(call, " of other values than maps")
    return at.net.depthwise(total, _TAP, at.activation(call), kernel=at.kernel(call))


def _upsample(at: _Sketching, call: Call, inputs: list[SketchTensor]) -> SketchTensor:
    layer = call.layer
    kinds = {"nearest": at.net.upsample, "bilinear": at.net.bilinear}
    interpolation = getattr(layer, "interpolation", "nearest")  # of signals there is no other
    if interpolation not in kinds:
        raise _unknown(call, f" with interpolation {interpolation}")
    return kinds[interpolation](at.row(inputs[0]), rows_and_columns(tuple(np.atleast_1d(layer.size))))


def _reshaped(at: _Sketching, call: Call, inputs: list[SketchTensor]) -> SketchTensor:
    (shape,) = call.output_shapes
    sizes = tuple(int(size or 0) for size in shape[1:-1])
    last = at.channels(call)
    return at.net.reshape(inputs[0], (*sizes, last))


def _pad(at: _Sketching, call: Call, inputs: list[SketchTensor]) -> SketchTensor:
    padding = call.layer.padding
    at.unpadded[call.outputs[0]] = inputs[0]
    if at.folds.is_gone(call) or not np.any(padding):
        return inputs[0]
    (top, bottom), (left, right) = padding if isinstance(call.layer, L.ZeroPadding2D) else ((0, 0), padding)
    return at.net.pad(at.row(inputs[0]), top, bottom, left, right)


def _pooled(at: _Sketching, call: Call, inputs: list[SketchTensor]) -> SketchTensor:
    largest = isinstance(call.layer, L.MaxPooling1D | L.MaxPooling2D)
    pool = at.net.max_pool if largest else at.net.average_pool
    return pool(at.row(inputs[0]), window_of(call.layer, "pool_size"), at.activation(call))


def _mean(at: _Sketching, call: Call, inputs: list[SketchTensor]) -> SketchTensor:
    x = at.row(inputs[0])
    keep = call.layer.keepdims
    # The mean of one pixel that stays one is no operator.
    return x if keep and x.shape[:2] == (1, 1) else at.net.mean(x, keep=keep)


# Subclasses first.
_APPENDED: dict[type[Any], _Append] = {
    **dict.fromkeys((L.DepthwiseConv1D, L.DepthwiseConv2D), _depthwise),
    **dict.fromkeys((L.SeparableConv1D, L.SeparableConv2D), _separable),
    L.Conv1DTranspose: _refused,
    L.Conv2DTranspose: _transposed,
    **dict.fromkeys((L.Conv1D, L.Conv2D), _convolution),
    L.Dense: _dense,
    L.BatchNormalization: _affine,
    L.Rescaling: _affine,
    **dict.fromkeys((L.Add, L.Multiply), _merge),
    L.Average: _average,
    L.Concatenate: lambda at, _, inputs: at.net.concatenate(inputs),
    **dict.fromkeys((L.UpSampling1D, L.UpSampling2D), _upsample),
    **dict.fromkeys((L.MaxPooling1D, L.MaxPooling2D, L.AveragePooling1D, L.AveragePooling2D), _pooled),
    **dict.fromkeys((L.GlobalAveragePooling1D, L.GlobalAveragePooling2D), _mean),
    L.Flatten: _reshaped,
    L.Reshape: _reshaped,
    **dict.fromkeys((L.ZeroPadding1D, L.ZeroPadding2D), _pad),
}
