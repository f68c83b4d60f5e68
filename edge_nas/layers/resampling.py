"""Layers that change the size of a map and treat every channel alike: pooling, up-sampling, padding, cropping."""

import tf_keras

from edge_nas.layers.kind import LayerKind
from edge_nas.layers.registry import register
from edge_nas.layers.rules import Elementwise

L = tf_keras.layers

register(
    LayerKind(channels=Elementwise()),
    *(L.MaxPooling1D, L.AveragePooling1D, L.MaxPooling2D, L.AveragePooling2D),
    *(L.GlobalAveragePooling1D, L.GlobalAveragePooling2D, L.GlobalMaxPooling1D, L.GlobalMaxPooling2D),
    *(L.UpSampling1D, L.UpSampling2D, L.Resizing, L.CenterCrop),
    *(L.ZeroPadding1D, L.ZeroPadding2D, L.Cropping1D, L.Cropping2D),
)
