"""SeparableConv2D as the depthwise and the pointwise convolution that it is.

TFMOT 0.8.1 splits it itself, but gives the parts names that Keras makes up anew: in a network that was loaded, they can
be those of other layers, and the rewriting then never ends or wires the wrong layers.
"""

from collections.abc import Sequence

import tf_keras

from edge_nas.graph.substitute import Link

L = tf_keras.layers


def chain(layer: tf_keras.layers.Layer) -> Sequence[Link] | None:
    """Returns depthwise, then pointwise with the bias and the activation."""
    if type(layer) is not L.SeparableConv2D:
        return None
    depthwise, pointwise, *bias = layer.get_weights()
    spatial = {
        "strides": layer.strides,
        "padding": layer.padding,
        "dilation_rate": layer.dilation_rate,
        "depth_multiplier": layer.depth_multiplier,
    }
    first = L.DepthwiseConv2D(layer.kernel_size, use_bias=False, name=f"{layer.name}_depthwise", **spatial)
    second = L.Conv2D(layer.filters, 1, use_bias=layer.use_bias, activation=layer.activation, name=layer.name)
    return [Link(first, [depthwise]), Link(second, [pointwise, *bias])]
