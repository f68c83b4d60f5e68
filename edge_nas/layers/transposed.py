"""Conv1DTranspose and Conv2DTranspose, whose kernels have the output channels before the input channels."""

import tf_keras

from edge_nas.layers.kind import LayerKind
from edge_nas.layers.registry import register
from edge_nas.layers.rules import Mixing

_CHANNELS = Mixing("filters", input_axis=-1, output_axis=-2)

register(LayerKind(channels=_CHANNELS), tf_keras.layers.Conv1DTranspose, tf_keras.layers.Conv2DTranspose)
