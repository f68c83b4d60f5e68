"""Layers that change the size of a map and treat every channel alike: pooling, up-sampling, padding, repeating."""

import tf_keras

from edge_nas.layers.infile import InFile
from edge_nas.layers.kind import LayerKind
from edge_nas.layers.registry import register
from edge_nas.layers.rules import Elementwise

L = tf_keras.layers

# TFLite's pooling kernels clip their results, so that a ReLU behind them is free.
register(LayerKind(channels=Elementwise(), in_file=InFile(ends_in_relu=1)), L.MaxPooling2D, L.AveragePooling2D)
register(
    LayerKind(channels=Elementwise()),
    *(L.MaxPooling1D, L.AveragePooling1D),
    *(L.GlobalAveragePooling1D, L.GlobalAveragePooling2D, L.GlobalMaxPooling1D, L.GlobalMaxPooling2D),
    *(L.UpSampling1D, L.UpSampling2D, L.Resizing, L.CenterCrop),
    *(L.ZeroPadding1D, L.ZeroPadding2D, L.Cropping1D, L.Cropping2D, L.RepeatVector),
)
