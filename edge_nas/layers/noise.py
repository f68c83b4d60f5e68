"""Layers that act while training only."""

import tf_keras

from edge_nas.layers.infile import InFile
from edge_nas.layers.kind import LayerKind
from edge_nas.layers.registry import register
from edge_nas.layers.rules import Elementwise

L = tf_keras.layers

register(
    LayerKind(channels=Elementwise(), in_file=InFile(becomes="nothing")),
    *(L.Dropout, L.SpatialDropout1D, L.SpatialDropout2D, L.GaussianNoise, L.GaussianDropout),
    *(L.AlphaDropout, L.ActivityRegularization),
)
