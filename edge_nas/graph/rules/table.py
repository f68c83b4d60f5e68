"""The table of rules: which class of layer has which."""

from typing import Any

import tf_keras
from tf_keras.src.layers.core.tf_op_layer import TFOpLambda

from edge_nas.graph.rules.channelwise import Depthwise, Elementwise, Named, Normalizing, PerChannel, Scaled
from edge_nas.graph.rules.merging import Join, Merge
from edge_nas.graph.rules.mixing import Mixing, Separable, Source
from edge_nas.graph.rules.operators import Operator
from edge_nas.graph.rules.protocol import Rule, Unknown
from edge_nas.graph.rules.shaping import Flattened, Permuted, Reshaped

L = tf_keras.layers
_PASSING = (
    L.ReLU, L.LeakyReLU, L.ELU, L.ThresholdedReLU,
    L.Dropout, L.SpatialDropout1D, L.SpatialDropout2D, L.GaussianNoise, L.GaussianDropout,
    L.MaxPooling1D, L.MaxPooling2D, L.AveragePooling1D, L.AveragePooling2D,
    L.GlobalAveragePooling1D, L.GlobalAveragePooling2D, L.GlobalMaxPooling1D, L.GlobalMaxPooling2D,
    L.UpSampling1D, L.UpSampling2D, L.Resizing, L.CenterCrop,
    L.ZeroPadding1D, L.ZeroPadding2D, L.Cropping1D, L.Cropping2D,
)  # fmt: skip

RULES: dict[type, Rule] = {
    L.InputLayer: Source(),
    L.Conv1D: Mixing("filters"),
    L.Conv2D: Mixing("filters"),
    L.Conv1DTranspose: Mixing("filters", input_axis=-1, output_axis=-2),
    L.Conv2DTranspose: Mixing("filters", input_axis=-1, output_axis=-2),
    L.Dense: Mixing("units"),
    L.SeparableConv1D: Separable(),
    L.SeparableConv2D: Separable(),
    L.DepthwiseConv1D: Depthwise(),
    L.DepthwiseConv2D: Depthwise(),
    L.BatchNormalization: PerChannel(),
    L.PReLU: PerChannel(),
    L.LayerNormalization: Normalizing(),
    L.Activation: Named(),
    L.Rescaling: Scaled(),
    L.Concatenate: Join(),
    L.Flatten: Flattened(),
    L.Reshape: Reshaped(),
    L.Permute: Permuted(),
    TFOpLambda: Operator(),
    **{kind: Elementwise() for kind in _PASSING},
    **{kind: Merge() for kind in (L.Add, L.Subtract, L.Average, L.Maximum, L.Minimum, L.Multiply)},
}


def rule_for(layer: Any) -> Rule:
    """Returns the rule of a layer: its own `channel_rule`, else the one of its exact class, else Unknown."""
    own = getattr(layer, "channel_rule", None)
    if isinstance(own, Rule):
        return own
    if getattr(layer, "data_format", None) == "channels_first":
        return Unknown("has its channels first")
    return RULES.get(type(layer), Unknown())
