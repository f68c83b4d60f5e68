"""What the package knows of one kind of layer, in one value."""

from dataclasses import dataclass

from edge_nas.layers.infile import InFile
from edge_nas.layers.kernels import LinearKernel
from edge_nas.layers.rules import ChannelRule, Unknown

_NO_RULE, _ONE_OPERATOR = Unknown(), InFile()


@dataclass(frozen=True)
class LayerKind:
    """What there is to know of one kind of layer; whatever is left out has the answer that is safe.

    Of a linear layer, what its kernel computes in inference is one matrix product per output position.

    `channels`: how channels pass; by default none of those around the layer may be removed.
    `kernel`: how the kernel is a matrix, for the repair of a reader, for rounding, and for a BatchNorm that is folded
    into it; None: there is none, or none that is known.
    `in_file`: what it becomes in an int8 file; by default one operator, and what it multiplies is not known.
    """

    channels: ChannelRule = _NO_RULE
    kernel: LinearKernel | None = None
    in_file: InFile = _ONE_OPERATOR


UNKNOWN = LayerKind()
