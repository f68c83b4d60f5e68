"""The scheme of each layer that TFMOT 0.8.1 has none for."""

from typing import Any

import tensorflow_model_optimization as tfmot
import tf_keras

from edge_nas.quantization.layers.output_only import KINDS, OutputOnly
from edge_nas.quantization.layers.transposed import TransposedConv2D, TransposedScheme, scheme

_CLASSES = {kind.__name__: kind for kind in (OutputOnly, TransposedConv2D, TransposedScheme)}


def scheme_for(layer: tf_keras.layers.Layer) -> Any:
    """Returns a QuantizeConfig of ours, or None where TFMOT's registry is asked."""
    if type(layer) is TransposedConv2D:
        return scheme()
    return OutputOnly() if type(layer) in KINDS else None


def scope() -> Any:
    """Returns the context in which TFMOT finds these classes when it copies layers."""
    return tfmot.quantization.keras.quantize_scope(_CLASSES)
