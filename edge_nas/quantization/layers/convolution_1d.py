"""Conv1D as a Conv2D over maps of one row: TFMOT 0.8.1 knows only the latter."""

from collections.abc import Sequence

import tf_keras

from edge_nas.graph.substitute import Link

L = tf_keras.layers


def chain(layer: tf_keras.layers.Layer) -> Sequence[Link] | None:
    """Returns reshape to (1, length, C), convolution, reshape back.

    None for causal padding, which Conv2D lacks, and for a layer that is called at several lengths, which one reshape
    does not fit.
    """
    if type(layer) is not L.Conv1D or layer.padding == "causal" or layer.data_format != "channels_last":
        return None
    shapes = {(node.input_shapes, node.output_shapes) for node in layer.inbound_nodes}
    if len(shapes) > 1:
        return None
    ((input_shape, output_shape),) = shapes
    kernel, *bias = layer.get_weights()
    convolution = L.Conv2D(
        layer.filters,
        (1, *layer.kernel_size),
        strides=(1, *layer.strides),
        padding=layer.padding,
        dilation_rate=(1, *layer.dilation_rate),
        groups=layer.groups,
        activation=layer.activation,
        use_bias=layer.use_bias,
        name=f"{layer.name}_map",
    )
    return [
        Link(L.Reshape((1, *input_shape[1:]), name=f"{layer.name}_row")),
        Link(convolution, [kernel[None], *bias]),
        Link(L.Reshape(output_shape[1:], name=layer.name)),
    ]
