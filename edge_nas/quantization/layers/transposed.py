"""Conv2DTranspose under another name.

TFMOT 0.8.1 looks for layers in front of a ReLU or BatchNorm by the beginning of their class's name, takes a
Conv2DTranspose for a Conv2D, and leaves it in float.
"""

from collections.abc import Sequence

import tf_keras
from tensorflow_model_optimization.python.core.quantization.keras.default_8bit.default_8bit_quantize_registry import (
    Default8BitConvTransposeQuantizeConfig,
)

from edge_nas.graph.substitute import Link


class TransposedConv2D(tf_keras.layers.Conv2DTranspose):
    """A Conv2DTranspose."""


class TransposedScheme(Default8BitConvTransposeQuantizeConfig):
    """TFMOT's own scheme of the layer: kernels per channel, output per tensor, 8 bits."""


def chain(layer: tf_keras.layers.Layer) -> Sequence[Link] | None:
    """Returns the same layer, of a class whose name begins differently."""
    if type(layer) is not tf_keras.layers.Conv2DTranspose:
        return None
    return [Link(TransposedConv2D.from_config(layer.get_config()), layer.get_weights())]


def scheme() -> TransposedScheme:
    """Returns the scheme, which TFMOT's registry has for the class of Keras only."""
    return TransposedScheme(["kernel"], ["activation"], False)
