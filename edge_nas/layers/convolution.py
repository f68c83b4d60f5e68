"""Conv1D and Conv2D."""

import tf_keras

from edge_nas.layers.kernels import LinearKernel
from edge_nas.layers.kind import LayerKind
from edge_nas.layers.registry import register
from edge_nas.layers.rules import Mixing

register(LayerKind(channels=Mixing("filters"), kernel=LinearKernel()), tf_keras.layers.Conv1D, tf_keras.layers.Conv2D)
