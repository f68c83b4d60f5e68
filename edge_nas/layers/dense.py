"""Dense."""

import tf_keras

from edge_nas.layers.kind import LayerKind
from edge_nas.layers.registry import register
from edge_nas.layers.rules import Mixing

register(LayerKind(channels=Mixing("units")), tf_keras.layers.Dense)
