"""Embedding."""

import tf_keras

from edge_nas.layers.infile import InFile
from edge_nas.layers.kind import LayerKind
from edge_nas.layers.registry import register

register(LayerKind(in_file=InFile(no_macs=True)), tf_keras.layers.Embedding)
