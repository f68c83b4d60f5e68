"""Layers that no rule brings to int8, and what to use instead."""

import tf_keras
from tensorflow_model_optimization.python.core.quantization.keras.default_8bit.default_8bit_quantize_registry import (
    Default8BitQuantizeRegistry,
)

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
    "LSTM": "Conv1D",
    "GRU": "Conv1D",
    "SimpleRNN": "Conv1D",
    "MultiHeadAttention": "a convolution",
    "ELU": "LeakyReLU or PReLU",
    "ThresholdedReLU": "ReLU",
    "Conv1DTranspose": "Conv2DTranspose over maps of one row",
    "LocallyConnected2D": "Conv2D",
}


def instead_of(layer: tf_keras.layers.Layer) -> str | None:
    """Returns what to use instead of a layer, where something is known."""
    if getattr(layer, "activation", None) is tf_keras.activations.hard_sigmoid:
        return "activation 'sigmoid': hard_sigmoid would stay in float"
    return _INSTEAD.get(type(layer).__name__)


def unquantizable(model: tf_keras.Model) -> tuple[tf_keras.layers.Layer, ...]:
    """Returns the layers of a rewritten network that neither TFMOT's registry nor a scheme of ours covers."""
    registry = Default8BitQuantizeRegistry()
    return tuple(
        layer
        for layer in model.layers
        if not isinstance(layer, L.InputLayer) and not _known(layer, registry) and scheme_for(layer) is None
    )


def _known(layer: tf_keras.layers.Layer, registry: Default8BitQuantizeRegistry) -> bool:
    return registry.supports(layer) and getattr(layer, "activation", None) is not tf_keras.activations.hard_sigmoid
