"""The int8 network that a flat Keras network of some widths would become, with random weights: shapes decide its cost.

Layers become operators as the converter makes them: a BatchNorm goes into the linear layer before it, a ReLU as well.
What is not known here is refused by name: a cost that leaves a layer out would be a wrong one.
"""

from collections.abc import Callable, Mapping
from typing import Any

import tf_keras

from edge_nas.errors import ConfigError
from edge_nas.graph.channels import ChannelGraph
from edge_nas.graph.fold import foldable
from edge_nas.graph.walk import Call, input_keys, layer_calls, output_keys
from edge_nas.int8.graph import Int8Graph
from edge_nas.int8.sketch import POINT, Activation, Sketch, SketchTensor, Window
from edge_nas.layers.functions import is_fused, is_linear

L = tf_keras.layers

# What leaves codes as they are in inference, or goes into the operator before it.
_NOTHING = (L.Dropout, L.SpatialDropout2D, L.GaussianNoise)
_MAP = 3  # (H, W, C)
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
        self._calls = layer_calls(model)
        self._graph = graph
        self._widths = widths
        self._taken_in = {norm.name for norm in foldable(self._calls, output_keys(model)).values()}
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
                values[call.outputs[0]] = self._appended(call, [values[key] for key in call.inputs])
        return self.net.graph(values[target], str(self._model.name))

    def channels(self, call: Call) -> int:
        """Returns how many channels the output of a call keeps."""
        total = 0
        for segment in self._graph.layers[call.layer.name].output:
            total += self._widths.get(self._graph.groups[segment.space].name, segment.size) * segment.repeat
        return total

    def activation(self, call: Call) -> Activation:
        """Returns what the operator of a call ends in: a ReLU of its own, or one that alone reads it."""
        own = getattr(call.layer, "activation", None)
        if not is_linear(own):
            return _relu(own) if is_fused(own) else "linear"
        reader = self._only_reader(call)
        while reader is not None and isinstance(reader.layer, L.BatchNormalization):
            reader = self._only_reader(reader)
        function = None if reader is None else _function(reader.layer)
        return _relu(function) if function is not None and is_fused(function) else "linear"

    def _only_reader(self, call: Call) -> Call | None:
        readers = self._readers.get(call.outputs[0], [])
        return readers[0] if len(readers) == 1 else None

    def _appended(self, call: Call, inputs: list[SketchTensor]) -> SketchTensor:
        layer = call.layer
        function = _function(layer)
        if isinstance(layer, _NOTHING) or layer.name in self._taken_in:
            return inputs[0]
        if function is not None:
            return self._activated(call, function, inputs[0])
        append = next((append for kind, append in _APPENDED.items() if isinstance(layer, kind)), None)
        if append is None:
            kind = type(layer).__name__
            raise ConfigError(f"layer {layer.name!r} ({kind}): what its operator takes cannot be predicted")
        output = append(self, call, inputs)
        own = getattr(layer, "activation", None)
        return output if is_linear(own) or is_fused(own) else self._activated(call, own, output)

    def _activated(self, call: Call, function: Any, x: SketchTensor) -> SketchTensor:
        """Returns what an activation that is no part of another operator makes."""
        if is_linear(function) or is_fused(function):
            return x  # taken in, or as cheap as a copy of codes
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


def _window(layer: Any) -> Window:
    return Window(tuple(layer.kernel_size), tuple(layer.strides), layer.padding, layer.dilation_rate[0])


def _convolution(at: _Sketching, call: Call, inputs: list[SketchTensor]) -> SketchTensor:
    return at.net.convolution(inputs[0], at.channels(call), _window(call.layer), at.activation(call))


def _depthwise(at: _Sketching, call: Call, inputs: list[SketchTensor]) -> SketchTensor:
    multiplier = call.layer.depth_multiplier
    return at.net.depthwise(inputs[0], _window(call.layer), at.activation(call), multiplier=multiplier)


def _separable(at: _Sketching, call: Call, inputs: list[SketchTensor]) -> SketchTensor:
    x = at.net.depthwise(inputs[0], _window(call.layer), "linear", multiplier=call.layer.depth_multiplier)
    return at.net.convolution(x, at.channels(call), activation=at.activation(call))


def _dense(at: _Sketching, call: Call, inputs: list[SketchTensor]) -> SketchTensor:
    return at.net.dense(inputs[0], at.channels(call), at.activation(call))


def _affine(at: _Sketching, call: Call, inputs: list[SketchTensor]) -> SketchTensor:
    """Appends what `edge_nas.quantization.layers.affine` makes of one gain and one shift per channel."""
    (x,) = inputs
    as_map = x if len(x.shape) == _MAP else at.net.reshape(x, (1, 1, x.shape[-1]))
    scaled = at.net.depthwise(as_map, POINT, at.activation(call))
    return scaled if as_map is x else at.net.reshape(scaled, x.shape)


def _add(at: _Sketching, call: Call, inputs: list[SketchTensor]) -> SketchTensor:
    x = inputs[0]
    for other in inputs[1:]:
        x = at.net.add(x, other, at.activation(call))
    return x


def _multiply(at: _Sketching, _: Call, inputs: list[SketchTensor]) -> SketchTensor:
    x = inputs[0]
    for other in inputs[1:]:
        x = at.net.multiply(x, other)
    return x


def _upsample(at: _Sketching, call: Call, inputs: list[SketchTensor]) -> SketchTensor:
    enlarge = at.net.upsample if call.layer.interpolation == "nearest" else at.net.bilinear
    return enlarge(inputs[0], tuple(call.layer.size))


def _reshaped(at: _Sketching, call: Call, inputs: list[SketchTensor]) -> SketchTensor:
    (shape,) = call.output_shapes
    sizes = tuple(int(size or 0) for size in shape[1:-1])
    last = at.channels(call)
    return at.net.reshape(inputs[0], (*sizes, last))


def _pad(at: _Sketching, call: Call, inputs: list[SketchTensor]) -> SketchTensor:
    (top, bottom), (left, right) = call.layer.padding
    return at.net.pad(inputs[0], top, bottom, left, right)


def _pooled(at: _Sketching, call: Call, inputs: list[SketchTensor]) -> SketchTensor:
    pool = at.net.max_pool if isinstance(call.layer, L.MaxPooling2D) else at.net.average_pool
    return pool(inputs[0], tuple(call.layer.pool_size))


# Subclasses first.
_APPENDED: dict[type[Any], _Append] = {
    L.DepthwiseConv2D: _depthwise,
    L.SeparableConv2D: _separable,
    L.Conv2D: _convolution,
    L.Dense: _dense,
    L.BatchNormalization: _affine,
    L.Rescaling: _affine,
    L.Add: _add,
    L.Multiply: _multiply,
    L.Concatenate: lambda at, _, inputs: at.net.concatenate(inputs),
    L.UpSampling2D: _upsample,
    L.MaxPooling2D: _pooled,
    L.AveragePooling2D: _pooled,
    L.GlobalAveragePooling2D: lambda at, call, inputs: at.net.mean(inputs[0], keep=call.layer.keepdims),
    L.Flatten: _reshaped,
    L.Reshape: _reshaped,
    L.ZeroPadding2D: _pad,
}
