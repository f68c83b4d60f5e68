"""What a kind of layer becomes in an int8 .tflite file: operators, multiplications, bytes around constants."""

from dataclasses import dataclass
from typing import Literal

OPERATOR_BYTES = 220
"""An operator, its output, and a small constant such as a shape: a bound from files of TF 2.21's converter."""
KERNEL_BYTES = 365
"""An operator with kernel, bias and output; likewise."""

Becomes = Literal["operator", "activation", "batchnorm", "nothing"]


@dataclass(frozen=True)
class InFile:
    """What a layer becomes in an int8 .tflite file; by default one operator that multiplies nothing.

    `becomes`: "operator": one of its own, or one for each kernel. "activation": free where the operator before ends in
    it, else operators of its own (`edge_nas.layers.functions`). "batchnorm": free behind a kernel, which takes it in.
    "nothing": left out, because it acts while training only.
    `kernels`: endings of the operators' names, one for each of the layer's first weights that are kernels; a layer
    with kernels has an `activation` as well.
    `at_inputs`: whether a kernel is multiplied once per position of the input, not of the output.
    `no_macs`: whether its weights, though matrices, scale element by element or are looked up. Other matrices that are
    no kernels are an amount of work that is not known.
    `ends_in_relu`: with how many inputs its operator can end in ReLU or ReLU6 at no cost; 0: with none.
    `kernel_bytes`: what an operator with constants takes in the file besides them.
    `reshapes`: whether it works between two reshapes, as operators on one axis do, which TFLite has for two only.
    """

    becomes: Becomes = "operator"
    kernels: tuple[str, ...] = ()
    at_inputs: bool = False
    no_macs: bool = False
    ends_in_relu: int = 0
    kernel_bytes: int = KERNEL_BYTES
    reshapes: bool = False


ONE_KERNEL = InFile(kernels=("",), ends_in_relu=1)
"""A convolution on a map, or a dense layer."""
