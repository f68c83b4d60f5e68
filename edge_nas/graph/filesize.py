"""How large the int8 .tflite file of a network will be, told from its layers, without a conversion.

The file holds constants, and around them a table per tensor, operator and buffer, the names of layers, a scale and
zero point per quantized tensor or channel, and what belongs to the file as a whole. Constants, channels and names are
counted; the rest is a bound from files of TF 2.21's converter, with and without quantization-aware training. It is 5 to
8 % above files of Nano_U, 2 to 12 % above those of a few layers. Where a network has many of the activations that
become chains of operators (mish, softplus, softsign, hard_sigmoid, a ReLU with another limit than 6; LeakyReLU where it
is trained with fake quantization) the file may be larger: export holds the file itself against the budget.
"""

import tf_keras

from edge_nas.graph.cost import Operation

_layers = tf_keras.layers

FILE_BYTES = 900
"""Signature, metadata, kinds of operators, and the input."""
CHANNEL_BYTES = 28
"""Per output channel of a kernel: int32 bias; a float32 scale and an int64 zero point of kernel and of bias."""
_OPERATOR_BYTES = 220
"""An operator, its output, and a small constant such as a shape."""
_KERNEL_BYTES = 365
"""An operator with kernel, bias and output."""
_TRANSPOSED_BYTES = 590
"""A transposed convolution: besides, the shape of its output."""
_MERGED_BYTES = 15
"""A layer that becomes part of another one, which often needs a bias or an output type of its own for that."""
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
        return _MERGED_BYTES
    around = len(node.name)
    if isinstance(layer, _IN_ONE_DIMENSION) and not operation.part:
        around += 2 * _OPERATOR_BYTES
    if len(node.outputs) > 1:  # selu, or an activation that is not known
        around += 4 * _OPERATOR_BYTES
    if not weights:
        return around + _OPERATOR_BYTES
    around += _TRANSPOSED_BYTES if isinstance(layer, _layers.Conv2DTranspose) else _KERNEL_BYTES
    if not node.macs and not isinstance(layer, _layers.BatchNormalization):
        return around + weights
    return around + weights + CHANNEL_BYTES * channels
