"""Layers of signals as layers over maps of one row: TFMOT 0.8.1 knows only the latter.

    signal (8, 3) ─ Conv1D ─ BatchNorm ─ ReLU ─ MaxPooling1D ─ GlobalAveragePooling1D ─ Dense
    signal (8, 3) ─ Reshape (1, 8, 3) ─ Conv2D ─ BatchNorm ─ ReLU ─ MaxPooling2D ─ GlobalAveragePooling2D ─ Dense

What lies between, and computes each value or channel on its own, goes along: behind a Reshape for every layer a
BatchNorm could not be folded, and a ReLU would be an operator of its own. A causal convolution is one without padding
behind zeros on the left.
"""

from collections.abc import Callable, Sequence
from typing import Any

import tensorflow as tf
import tf_keras

from edge_nas.graph.walk import Call, input_keys, layer_calls, output_keys

L = tf_keras.layers
Tensor = Any
Layer = Any

_ALONG = (
    *(L.BatchNormalization, L.ReLU, L.LeakyReLU, L.ELU, L.Activation, L.Softmax, L.Rescaling),
    *(L.Dropout, L.GaussianNoise, L.GaussianDropout, L.AlphaDropout, L.ActivityRegularization),
    *(L.Add, L.Subtract, L.Multiply, L.Maximum, L.Minimum, L.Average, L.Concatenate),
)
"""Layers that compute the same of a signal and of a map of one row."""
_SIGNAL_AXES = 3
"""Of a batch of signals; of maps there is one more."""


def over_rows(model: tf_keras.Model) -> tf_keras.Model:
    """Returns an equal network, independent unless it is the same, in which no layer of one dimension is left.

    Those of a kind that is not known here stay, between reshapes.
    """
    calls = layer_calls(model)
    if not any(_becomes_map(call.layer) for call in calls):
        return model
    return _Rows(model, calls).network()


class _Rows:
    """A network made anew, call by call; each tensor of the old one has one or both of its forms in the new one."""

    def __init__(self, model: tf_keras.Model, calls: Sequence[Call]) -> None:
        self._model, self._calls = model, calls
        self._plain: dict[str, Tensor] = {}
        self._row: dict[str, Tensor] = {}
        self._made: dict[tuple[str, bool], Sequence[Layer]] = {}
        self._names: set[str] = {layer.name for layer in model.layers}
        self._made_of = {key: (call.layer.name, shape) for call in calls for key, shape in _outputs(call)}

    def network(self) -> tf_keras.Model:
        """Returns the new network, with the weights of the old one."""
        for call in self._calls:
            if not call.inputs:
                self._plain[call.outputs[0]] = L.Input(call.output_shapes[0][1:], name=call.layer.name)
            elif _becomes_map(call.layer):
                self._as_map(call)
            elif self._goes_along(call):
                self._row[call.outputs[0]] = self._called(call, self._layer(call.layer, in_row=True), self.row)
            else:
                outputs = tf.nest.flatten(self._called(call, self._layer(call.layer, in_row=False), self.plain))
                self._plain |= dict(zip(call.outputs, outputs, strict=True))
        ends = ([self.plain(key) for key in keys(self._model)] for keys in (input_keys, output_keys))
        inputs, outputs = (_packed(tensors) for tensors in ends)
        return tf_keras.Model(inputs, outputs, name=self._model.name)

    def row(self, key: str) -> Tensor:
        """Returns a tensor as maps of one row."""
        if key not in self._row:
            name, shape = self._made_of[key]
            self._row[key] = L.Reshape((1, *shape[1:]), name=self._free(f"{name}_row"))(self._plain[key])
        return self._row[key]

    def plain(self, key: str) -> Tensor:
        """Returns a tensor as it was."""
        if key not in self._plain:
            name, shape = self._made_of[key]
            self._plain[key] = L.Reshape(shape[1:], name=self._free(f"{name}_signal"))(self._row[key])
        return self._plain[key]

    def _as_map(self, call: Call) -> None:
        """Calls what stands for a layer of one dimension."""
        known = call.layer.name, True
        links = self._made.get(known) or self._made.setdefault(known, _OVER_MAP[type(call.layer)](call.layer))
        tensor = self.row(call.inputs[0])
        for link in links:
            tensor = link(tensor)
        weights = call.layer.get_weights()
        if weights:
            links[-1].set_weights([weight[None] if weight.ndim == _SIGNAL_AXES else weight for weight in weights])
        forms = self._row if tensor.shape.rank > _SIGNAL_AXES else self._plain
        forms[call.outputs[0]] = tensor

    def _goes_along(self, call: Call) -> bool:
        """Returns whether a call can be one on rows, and there is a row to begin with."""
        signals = all(len(self._made_of[key][1]) == _SIGNAL_AXES for key in (*call.inputs, *call.outputs))
        on_channels = _axis_of(call.layer) in (None, -1, _SIGNAL_AXES - 1)
        return signals and on_channels and type(call.layer) in _ALONG and any(key in self._row for key in call.inputs)

    def _layer(self, layer: Layer, *, in_row: bool) -> Layer:
        """Returns a layer of the new network that computes what one of the old does."""
        if (layer.name, in_row) not in self._made:
            config = layer.get_config()
            if in_row and _axis_of(layer) is not None:
                config["axis"] = -1
            if (layer.name, not in_row) in self._made:  # called on rows and beside them: weights are the same
                config["name"] = self._free(layer.name)
            self._made[layer.name, in_row] = (type(layer).from_config(config),)
        return self._made[layer.name, in_row][0]

    def _called(self, call: Call, layer: Layer, form: Callable[[str], Tensor]) -> Tensor:
        """Returns what a layer of the new network gives, called as the old one was."""
        # Keras takes tensors out of a list, one for each time that the call reads them.
        tensors = {key: [form(key)] * len(call.inputs) for key in call.inputs}
        args, kwargs = call.node.map_arguments(tensors)
        outputs = layer(*args, **kwargs)
        if layer.weights:
            layer.set_weights(call.layer.get_weights())
        return outputs

    def _free(self, name: str) -> str:
        """Returns a name that no layer has, and keeps it."""
        candidates = (name if number == 0 else f"{name}_{number}" for number in range(len(self._names) + 1))
        free = next(candidate for candidate in candidates if candidate not in self._names)
        self._names.add(free)
        return free


def _outputs(call: Call) -> Sequence[tuple[str, tuple[int | None, ...]]]:
    return tuple(zip(call.outputs, call.output_shapes, strict=True))


def _packed(tensors: list[Tensor]) -> Any:
    return tensors[0] if len(tensors) == 1 else tensors


def _becomes_map(layer: Layer) -> bool:
    return type(layer) in _OVER_MAP and getattr(layer, "data_format", "channels_last") == "channels_last"


def _axis_of(layer: Layer) -> int | None:
    """Returns the only axis that a layer names; None where it names none."""
    axis: int | list[int] | None = layer.get_config().get("axis")
    return axis[0] if isinstance(axis, list) else axis


def _convolution(layer: Layer) -> Sequence[Layer]:
    """Returns a convolution over maps of one row; its kernels have an axis more."""
    config = layer.get_config()
    causal = config["padding"] == "causal"
    for entry in ("kernel_size", "strides", "dilation_rate"):
        config[entry] = (1, *config[entry])
    if type(layer) is not L.Conv1D:
        del config["groups"]  # which Keras writes and does not read
    config["padding"] = "valid" if causal else config["padding"]
    kind = {L.Conv1D: L.Conv2D, L.SeparableConv1D: L.SeparableConv2D, L.DepthwiseConv1D: L.DepthwiseConv2D}[type(layer)]
    if not causal:
        return (kind.from_config(config),)
    zeros = (layer.kernel_size[0] - 1) * layer.dilation_rate[0]
    return (L.ZeroPadding2D(((0, 0), (zeros, 0)), name=f"{layer.name}_past"), kind.from_config(config))


def _pooling(kind: type[Layer]) -> Callable[[Layer], Sequence[Layer]]:
    def make(layer: Layer) -> Sequence[Layer]:
        sizes = {"pool_size": (1, *layer.pool_size), "strides": (1, *layer.strides)}
        return (kind(padding=layer.padding, name=layer.name, **sizes),)

    return make


def _global_pooling(kind: type[Layer]) -> Callable[[Layer], Sequence[Layer]]:
    return lambda layer: (kind(keepdims=layer.keepdims, name=layer.name),)


_OVER_MAP: dict[type[Layer], Callable[[Layer], Sequence[Layer]]] = {
    L.Conv1D: _convolution,
    L.SeparableConv1D: _convolution,
    L.DepthwiseConv1D: _convolution,
    L.MaxPooling1D: _pooling(L.MaxPooling2D),
    L.AveragePooling1D: _pooling(L.AveragePooling2D),
    L.GlobalMaxPooling1D: _global_pooling(L.GlobalMaxPooling2D),
    L.GlobalAveragePooling1D: _global_pooling(L.GlobalAveragePooling2D),
    L.ZeroPadding1D: lambda layer: (L.ZeroPadding2D(((0, 0), layer.padding), name=layer.name),),
    L.Cropping1D: lambda layer: (L.Cropping2D(((0, 0), layer.cropping), name=layer.name),),
    L.UpSampling1D: lambda layer: (L.UpSampling2D((1, layer.size), name=layer.name),),
    L.SpatialDropout1D: lambda layer: (L.Dropout(0.0, name=layer.name),),
}
