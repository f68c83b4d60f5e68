"""How large the int8 .tflite file of a network will be, told from its layers, without a conversion.

The file holds constants, and around them a table per tensor, operator and buffer, tensor names, a scale and zero point
per quantized tensor or channel, and what belongs to the file as a whole. Constants and channels are counted as they
are; the rest is a bound from files of TF 2.21's converter, with and without quantization-aware training, whose names
are the longer. Files of Nano_U are up to 15 % smaller than this, of a few layers up to 40 %. Where a network has many
of the activations that become chains of operators (mish, softplus, softsign, hard_sigmoid, a ReLU with another limit
than 6) the file may be larger: export holds the file itself against the budget.
"""

import tf_keras

from edge_nas.graph.cost import Operation

_layers = tf_keras.layers

FILE_BYTES = 1500
"""Signature, metadata, kinds of operators, and the input."""
CHANNEL_BYTES = 28
"""Per output channel of a kernel: int32 bias; a float32 scale and an int64 zero point of kernel and of bias."""
_OPERATOR_BYTES = 290
"""An operator, its output, and a small constant such as a shape."""
_KERNEL_BYTES = 430
"""An operator with kernel, bias and output, and their names, that of the layer apart."""
_NAME_BYTES = 35
"""What the name of a layer that becomes part of another one adds to a tensor's name, the layer's own apart."""
_IN_ONE_DIMENSION = (_layers.Conv1D, _layers.SeparableConv1D, _layers.DepthwiseConv1D, _layers.Conv1DTranspose)


def operator_bytes(operation: Operation, weights: int, channels: int) -> int:
    """Returns how many bytes one operator adds to the file.

    Args:
        operation: the operator.
        weights: elements of its constants, biases of kernels apart; 0 where they are counted with another call.
        channels: its output channels.
    """
    node, layer = operation.node, operation.layer
    if node.inputs == node.outputs:
        return _NAME_BYTES + len(node.name)
    around = 2 * _OPERATOR_BYTES if isinstance(layer, _IN_ONE_DIMENSION) and not operation.part else 0
    if len(node.outputs) > 1:  # selu, or an activation that is not known
        around += 4 * _OPERATOR_BYTES
    if not weights:
        return around + _OPERATOR_BYTES + len(node.name)
    if not node.macs and not isinstance(layer, _layers.BatchNormalization):
        return around + _KERNEL_BYTES + 2 * len(node.name) + weights
    return around + _KERNEL_BYTES + 2 * len(node.name) + weights + CHANNEL_BYTES * channels
