"""The int8 network that a flat Keras network of some widths would become, with random weights: shapes decide its cost.

Layers become operators as the converter makes them: a BatchNorm goes into the linear layer before it, a ReLU as well; a
signal is a map of one row where a layer of one dimension reads it (`edge_nas.quantization.layers.one_row`). What is not
known here is refused by name: a cost that leaves a layer out would be a wrong one. So is a layer whose map has other
sizes than its operator's.

It is what a training with fake quantization comes to. Without one (`quantize.scheme=ptq`) a BatchNorm or Rescaling that
no other layer takes in becomes a MUL and an ADD, or nothing, and a dense layer has a scale for each output.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import tf_keras

from edge_nas.errors import ConfigError
from edge_nas.graph.channels import ChannelGraph
from edge_nas.graph.converterorder import converter_order
from edge_nas.graph.fold import foldable
from edge_nas.graph.walk import Call, batchnorm_after, input_keys, layer_calls, output_keys
from edge_nas.int8.graph import Int8Graph
from edge_nas.int8.sketch import POINT, Activation, Padding, Sketch, SketchTensor, Window
from edge_nas.layers.functions import is_fused, is_linear
from edge_nas.layers.rules import on_last_axis
from edge_nas.layers.spaces import width

L = tf_keras.layers

# What leaves codes as they are in inference.
_NOTHING = (
    *(L.Dropout, L.SpatialDropout1D, L.SpatialDropout2D),
    *(L.GaussianNoise, L.GaussianDropout, L.AlphaDropout, L.ActivityRegularization),
)
_REWRITTEN = (L.SeparableConv1D, L.SeparableConv2D, L.DepthwiseConv1D)
_MAP, _SIGNAL = 3, 2  # (H, W, C), and (moments, channels)
_Append = Callable[["_Sketching", Call, list[SketchTensor]], SketchTensor]


def sketch_of(model: tf_keras.Model, graph: ChannelGraph, widths: Mapping[str, int]) -> Int8Graph:
    """Returns the int8 network, of random weights.

    Args:
        model: flat network with one input and one output.
        graph: its channel graph.
        widths: channels that groups keep, by their names; of those that are absent, all.

    Raises:
        ConfigError: a layer that is not known here.
    """
    return _Sketching(model, graph, widths).network()


class _Sketching:
    """One walk over the calls of a network."""

    def __init__(self, model: tf_keras.Model, graph: ChannelGraph, widths: Mapping[str, int]) -> None:
        self._model = model
        self._calls = converter_order(model, layer_calls(model))
        self._graph = graph
        self._widths = widths
        self._taken_in = _taken_in(self._calls, output_keys(model))
        self._ended_in: set[str] = set()  # outputs of activations that operators before them end in
        self._readers: dict[str, list[Call]] = {}
        for call in self._calls:
            for key in call.inputs:
                self._readers.setdefault(key, []).append(call)
        self.net = Sketch(tuple(model.input_shape[1:]))

    def network(self) -> Int8Graph:
        """Returns the network."""
        (source,), (target,) = input_keys(self._model), output_keys(self._model)
        values = {source: self.net.input}
        for call in self._calls:
            if call.inputs:
                inputs = self._alike([values[key] for key in call.inputs])
                values[call.outputs[0]] = self._checked(call, self._appended(call, inputs))
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

    def activation(self, call: Call) -> Activation:
        """Returns what the operator of a call ends in: a ReLU of its own, or one that alone reads it."""
        own = getattr(call.layer, "activation", None)
        if not is_linear(own):
            return _relu(own) if is_fused(own) else "linear"
        reader = self._only_reader(call)
        while reader is not None and reader.layer.name in self._taken_in:
            reader = self._only_reader(reader)
        function = None if reader is None else _function(reader.layer)
        if reader is None or is_linear(function) or not is_fused(function):
            return "linear"
        self._ended_in.add(reader.outputs[0])
        return _relu(function)

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
        sizes = tuple(int(size or 0) for size in call.output_shapes[0][1:-1])
        expected = (*sizes, self.channels(call))
        if output.shape not in (expected, (1, *expected)):
            raise _unknown(call, f": it makes {expected}, an operator as of its kind {output.shape}")
        return output

    def _appended(self, call: Call, inputs: list[SketchTensor]) -> SketchTensor:
        layer = call.layer
        function = _function(layer)
        if isinstance(layer, _NOTHING) or layer.name in self._taken_in:
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


def _taken_in(calls: Sequence[Call], outputs: Sequence[str]) -> set[str]:
    """Returns the names of BatchNorms that go into the linear layer before them.

    `foldable` knows none behind what becomes other layers before anything is folded: a separable layer two, a depthwise
    one along moments one over a row.
    """
    rewritten = [call for call in calls if isinstance(call.layer, _REWRITTEN)]
    behind = (batchnorm_after(call, calls, outputs) for call in rewritten)
    norms = [*foldable(calls, outputs).values(), *(norm for norm in behind if norm is not None)]
    return {norm.name for norm in norms}


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


def _window(call: Call, sizes: str = "kernel_size") -> Window:
    """Returns the window of a layer; of one dimension it is one row."""
    layer = call.layer
    kernel, strides, dilations = (_both(getattr(layer, name, (1,))) for name in (sizes, "strides", "dilation_rate"))
    padding: Padding = "same" if layer.padding == "same" else "valid"
    return Window(kernel, strides, padding, dilations)


def _both(sizes: Sequence[int]) -> tuple[int, int]:
    rows, columns = (1, *sizes) if len(sizes) == 1 else sizes
    return int(rows), int(columns)


def _read(at: _Sketching, call: Call, x: SketchTensor) -> SketchTensor:
    """Returns what a layer with a window is moved over: behind zeros on the left, where it is causal."""
    layer, x = call.layer, at.row(x)
    zeros = (layer.kernel_size[0] - 1) * layer.dilation_rate[0] if layer.padding == "causal" else 0
    return at.net.pad(x, 0, 0, zeros, 0) if zeros else x


def _convolution(at: _Sketching, call: Call, inputs: list[SketchTensor]) -> SketchTensor:
    x, channels = _read(at, call, inputs[0]), at.channels(call)
    # Of several, whole groups of channels are removed.
    per_group = int(call.layer.kernel.shape[-2]) if call.layer.groups > 1 else x.shape[-1]
    groups, odd = divmod(x.shape[-1], per_group)
    if odd or channels % groups:
        raise _unknown(call, f" in groups at {x.shape[-1]} channels to {channels}")
    return at.net.convolution(x, channels, _window(call), at.activation(call), groups=groups)


def _transposed(at: _Sketching, call: Call, inputs: list[SketchTensor]) -> SketchTensor:
    window = _window(call)
    if window.dilations != (1, 1):
        raise _unknown(call, f" dilated by {call.layer.dilation_rate}")
    x = at.net.transpose_convolution(inputs[0], at.channels(call), window, "linear")
    # With fake quantization a ReLU stays an operator of its own behind it; without, one with a bias takes it in.
    own = call.layer.activation
    return at.net.relu(x, _relu(own)) if not is_linear(own) and is_fused(own) else x


def _depthwise(at: _Sketching, call: Call, inputs: list[SketchTensor]) -> SketchTensor:
    x = _read(at, call, inputs[0])
    return at.net.depthwise(x, _window(call), at.activation(call), multiplier=call.layer.depth_multiplier)


def _separable(at: _Sketching, call: Call, inputs: list[SketchTensor]) -> SketchTensor:
    x = _read(at, call, inputs[0])
    x = at.net.depthwise(x, _window(call), "linear", multiplier=call.layer.depth_multiplier)
    return at.net.convolution(x, at.channels(call), Window((1, 1), padding="valid"), at.activation(call))


def _refused(_: _Sketching, call: Call, __: list[SketchTensor]) -> SketchTensor:
    raise _unknown(call)


def _dense(at: _Sketching, call: Call, inputs: list[SketchTensor]) -> SketchTensor:
    x = at.net.dense(inputs[0], at.channels(call), at.activation(call))
    positions = [int(size or 0) for size in call.output_shapes[0][1:-1]]
    return at.net.reshape(x, (*positions, *x.shape)) if set(positions) == {1} else x


def _affine(at: _Sketching, call: Call, inputs: list[SketchTensor]) -> SketchTensor:
    """Appends what `edge_nas.quantization.layers.affine` makes of one gain and one shift per channel."""
    (x,) = inputs
    if len(x.shape) not in (1, _MAP):
        raise _unknown(call, " before a convolution has made a map of the signal")
    if isinstance(call.layer, L.BatchNormalization) and not on_last_axis(call.layer):
        raise _unknown(call, " along another axis than the last")
    as_map = x if len(x.shape) == _MAP else at.net.reshape(x, (1, 1, x.shape[-1]))
    scaled = at.net.depthwise(as_map, POINT, at.activation(call))
    return scaled if as_map is x else at.net.reshape(scaled, x.shape)


def _add(at: _Sketching, call: Call, inputs: list[SketchTensor]) -> SketchTensor:
    return _merged(at.net.add, inputs, at.activation(call))


def _multiply(at: _Sketching, call: Call, inputs: list[SketchTensor]) -> SketchTensor:
    return _merged(at.net.multiply, inputs, at.activation(call))


def _merged(
    append: Callable[[SketchTensor, SketchTensor, Activation], SketchTensor],
    inputs: list[SketchTensor],
    activation: Activation,
) -> SketchTensor:
    """Returns what is made of two tensors, and of that and the next one; the last operator has the activation."""
    *first, last = inputs[1:]
    x = inputs[0]
    for other in first:
        x = append(x, other, "linear")
    return append(x, last, activation)


def _upsample(at: _Sketching, call: Call, inputs: list[SketchTensor]) -> SketchTensor:
    layer = call.layer
    kinds = {"nearest": at.net.upsample, "bilinear": at.net.bilinear}
    interpolation = getattr(layer, "interpolation", "nearest")  # of signals there is no other
    if interpolation not in kinds:
        raise _unknown(call, f" with interpolation {interpolation}")
    return kinds[interpolation](at.row(inputs[0]), _both(tuple(np.atleast_1d(layer.size))))


def _reshaped(at: _Sketching, call: Call, inputs: list[SketchTensor]) -> SketchTensor:
    (shape,) = call.output_shapes
    sizes = tuple(int(size or 0) for size in shape[1:-1])
    last = at.channels(call)
    return at.net.reshape(inputs[0], (*sizes, last))


def _pad(at: _Sketching, call: Call, inputs: list[SketchTensor]) -> SketchTensor:
    padding = call.layer.padding
    (top, bottom), (left, right) = padding if isinstance(call.layer, L.ZeroPadding2D) else ((0, 0), padding)
    return at.net.pad(at.row(inputs[0]), top, bottom, left, right)


def _pooled(at: _Sketching, call: Call, inputs: list[SketchTensor]) -> SketchTensor:
    largest = isinstance(call.layer, L.MaxPooling1D | L.MaxPooling2D)
    pool = at.net.max_pool if largest else at.net.average_pool
    return pool(at.row(inputs[0]), _window(call, "pool_size"), at.activation(call))


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
    L.Add: _add,
    L.Multiply: _multiply,
    L.Concatenate: lambda at, _, inputs: at.net.concatenate(inputs),
    **dict.fromkeys((L.UpSampling1D, L.UpSampling2D), _upsample),
    **dict.fromkeys((L.MaxPooling1D, L.MaxPooling2D, L.AveragePooling1D, L.AveragePooling2D), _pooled),
    **dict.fromkeys((L.GlobalAveragePooling1D, L.GlobalAveragePooling2D), _mean),
    L.Flatten: _reshaped,
    L.Reshape: _reshaped,
    **dict.fromkeys((L.ZeroPadding1D, L.ZeroPadding2D), _pad),
}
