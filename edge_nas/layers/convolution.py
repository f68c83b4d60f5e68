"""Conv1D and Conv2D."""

from dataclasses import replace

import tf_keras

from edge_nas.layers.infile import ONE_KERNEL
from edge_nas.layers.kernels import LinearKernel
from edge_nas.layers.kind import LayerKind
from edge_nas.layers.registry import register
from edge_nas.layers.rules import Mixing

CONVOLUTION = LayerKind(channels=Mixing("filters"), kernel=LinearKernel(), in_file=ONE_KERNEL)

register(CONVOLUTION, tf_keras.layers.Conv2D)
register(replace(CONVOLUTION, in_file=replace(ONE_KERNEL, reshapes=True)), tf_keras.layers.Conv1D)
