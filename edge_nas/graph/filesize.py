"""How large the int8 .tflite file of a network will be, told from its layers, without a conversion.

The file holds constants, and around them a table per tensor, operator and buffer, the names of layers, a scale and
zero point per quantized tensor or channel, and what belongs to the file as a whole. Constants, channels and names are
counted; the rest is a bound from files of TF 2.21's converter, with and without quantization-aware training. It is 5 to
8 % above files of Nano_U, 2 to 12 % above those of a few layers. Where a network has many of the activations that
become chains of operators (mish, softplus, softsign, hard_sigmoid, a ReLU with another limit than 6; LeakyReLU where it
is trained with fake quantization) the file may be larger: export holds the file itself against the budget.
"""

from edge_nas.graph.cost import Operation
from edge_nas.layers import kind_of
from edge_nas.layers.infile import OPERATOR_BYTES

FILE_BYTES = 900
"""Signature, metadata, kinds of operators, and the input."""
CHANNEL_BYTES = 28
"""Per output channel of a kernel: int32 bias; a float32 scale and an int64 zero point of kernel and of bias."""
_MERGED_BYTES = 15
"""A layer that becomes part of another one, which often needs a bias or an output type of its own for that."""
_RESHAPES = 2
"""Operators around one that works on a single axis."""
_CHAIN = 4
"""Operators more than one, of selu or of an activation that is not known."""


def operator_bytes(operation: Operation, weights: int, channels: int) -> int:
    """Returns how many bytes one operator adds to the file.

    Args:
        operation: the operator.
        weights: elements of its constants, biases of kernels apart; 0 where they are counted with another call.
        channels: its output channels.
    """
    node, in_file = operation.node, kind_of(operation.layer).in_file
    if node.inputs == node.outputs:
        return _MERGED_BYTES
    around = len(node.name)
    if in_file.reshapes and not operation.part:
        around += _RESHAPES * OPERATOR_BYTES
    if len(node.outputs) > 1:
        around += _CHAIN * OPERATOR_BYTES
    if not weights:
        return around + OPERATOR_BYTES
    if node.macs or in_file.becomes == "batchnorm":
        around += CHANNEL_BYTES * channels
    return around + in_file.kernel_bytes + weights
