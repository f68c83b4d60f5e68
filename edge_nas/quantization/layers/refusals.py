"""Layers that no rule brings to int8, and what to use instead."""

from collections.abc import Sequence

import tf_keras
from tensorflow_model_optimization.python.core.quantization.keras.default_8bit.default_8bit_quantize_registry import (
    Default8BitQuantizeRegistry,
)

from edge_nas.quantization.layers.merges import inputs_of
from edge_nas.quantization.layers.schemes import scheme_for

L = tf_keras.layers

_INSTEAD = {
    "LayerNormalization": "BatchNormalization",
    "GroupNormalization": "BatchNormalization",
    "UnitNormalization": "BatchNormalization",
    "Lambda": "a layer of Keras, or a Python function of Keras layers",
    "TFOpLambda": "the Keras layer that computes it",
    "SlicingOpLambda": "Cropping2D",
    "Conv3D": "Conv2D",
    "Embedding": "an input of the vectors that it looks up",
    "GRU": "an LSTM, the one recurrent layer with an int8 operator in TFLite, or Conv1D",
    "SimpleRNN": "an LSTM, the one recurrent layer with an int8 operator in TFLite, or Conv1D",
    "MultiHeadAttention": "a convolution",
    "TFOpLambda linalg.matmul": "a convolution, or no training for int8 (quantize.scheme=ptq), which knows products,",
    "ELU": "LeakyReLU or PReLU",
    "ThresholdedReLU": "ReLU",
    "Conv1DTranspose": "Conv2DTranspose over maps of one row",
    "LocallyConnected2D": "Conv2D",
}

# What TFMOT's wrapper for activations takes, and what `activations` makes a layer of its own of.
_ACTIVATIONS = frozenset({"linear", "relu", "softmax", "sigmoid", "tanh", "swish", "gelu"})
_SEPARATED = frozenset({"relu6", "leaky_relu"})
_PAIR = 2
_TWO_INPUTS = (L.Add, L.Average, L.Multiply, L.Subtract, L.Maximum, L.Minimum)


def advice_on(layers: Sequence[tf_keras.layers.Layer], most: int = 5) -> str:
    """Returns the names and kinds of at most so many layers, with what to use instead of each, for a message."""
    return "; ".join(_advice(layer) for layer in layers[:most])


def _advice(layer: tf_keras.layers.Layer) -> str:
    replacement = replacement_for(layer)
    advice = "" if replacement is None else f", use {replacement} instead"
    return f"layer {layer.name!r} ({type(layer).__name__}){advice}"


def replacement_for(layer: tf_keras.layers.Layer) -> str | None:
    """Returns what to use instead of a layer, where something is known."""
    if type(layer) is L.LSTM:
        return _in_the_place_of(layer)
    activation = _activation_of(layer)
    if activation == "hard_sigmoid":
        return "activation 'sigmoid': hard_sigmoid would stay in float"
    if activation is not None and activation not in _ACTIVATIONS:
        return f"one of the activations {', '.join(sorted(_ACTIVATIONS | _SEPARATED))} for {activation!r}"
    if _has_many_inputs(layer):
        return f"{type(layer).__name__} layers of two inputs, one behind the other,"
    kind = type(layer).__name__
    return _INSTEAD.get(f"{kind} {getattr(layer, 'symbol', '')}", _INSTEAD.get(kind))


def is_plain_lstm(layer: tf_keras.layers.Layer) -> bool:
    """True for an LSTM with Keras' own activations, alone or in both directions, which TFLite has an operator for."""
    if type(layer) is L.Bidirectional:
        return is_plain_lstm(layer.forward_layer) and is_plain_lstm(layer.backward_layer)
    if type(layer) is not L.LSTM:
        return False
    activations = layer.activation, layer.recurrent_activation
    is_usual = activations == (tf_keras.activations.tanh, tf_keras.activations.sigmoid)
    return is_usual and layer.use_bias and not layer.unroll and not layer.recurrent_dropout


def _in_the_place_of(lstm: tf_keras.layers.LSTM) -> str:
    """Returns what to use instead of an LSTM, which fake quantization does not know; the operator has one form."""
    if is_plain_lstm(lstm):
        return "Conv1D, or no training for int8 (quantize.scheme=ptq), which knows an LSTM,"
    return "an LSTM as Keras makes it (tanh, recurrent sigmoid, with bias, neither unrolled nor with recurrent dropout)"


def unquantizable(model: tf_keras.Model) -> tuple[tf_keras.layers.Layer, ...]:
    """Returns the layers of a rewritten network that neither TFMOT's registry nor a scheme of ours covers."""
    registry = Default8BitQuantizeRegistry()
    return tuple(layer for layer in model.layers if not _is_quantizable(layer, registry))


def _is_quantizable(layer: tf_keras.layers.Layer, registry: Default8BitQuantizeRegistry) -> bool:
    if isinstance(layer, L.InputLayer):
        return True
    if _has_many_inputs(layer):
        return False
    return scheme_for(layer) is not None or _is_known(layer, registry)


def _is_known(layer: tf_keras.layers.Layer, registry: Default8BitQuantizeRegistry) -> bool:
    """Whether TFMOT has a scheme for the layer and for the activation inside of it."""
    activation = _activation_of(layer)
    return registry.supports(layer) and (activation is None or activation in _ACTIVATIONS)


def _activation_of(layer: tf_keras.layers.Layer) -> str | None:
    """Returns the name of the activation inside a layer; None: it has none."""
    activation = getattr(layer, "activation", None)
    if not callable(activation):
        return None
    return getattr(activation, "__name__", type(activation).__name__)


def _has_many_inputs(layer: tf_keras.layers.Layer) -> bool:
    """Whether it joins more than two tensors, for which TFLite has no int8 operator."""
    return isinstance(layer, _TWO_INPUTS) and inputs_of(layer) > _PAIR
