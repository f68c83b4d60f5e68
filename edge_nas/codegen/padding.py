"""PAD worked into the convolutions that read it: what they see outside the image are the codes of zero anyway.

a (48 x 64) -> PAD by 1 -> b (50 x 66) -> CONV_2D of 3 x 3, VALID        becomes a convolution of a; b is never made
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from edge_nas.int8.graph import Int8Graph
from edge_nas.int8.operands import ParsedOperator
from edge_nas.int8.operators.convolution import Convolution
from edge_nas.int8.operators.depthwise_convolution import DepthwiseConvolution
from edge_nas.int8.operators.pad import Pad

_Convolution = Convolution | DepthwiseConvolution


@dataclass(frozen=True)
class Unpadded:
    """A network's operators without the PADs that others do without.

    Attributes:
        operators: what is left, in execution order; a convolution that has taken in a PAD reads what that read.
        padding_of: by the index of such a convolution, the PAD.
    """

    operators: tuple[ParsedOperator, ...]
    padding_of: Mapping[int, ParsedOperator]


def without_paddings(graph: Int8Graph, operators: Sequence[ParsedOperator]) -> Unpadded:
    """Returns the operators with every PAD worked into what reads it, where all that reads it are convolutions.

    The border is to be smaller than the window: then no output is of the border alone, and the kernels' counters have
    room as they do for the padding SAME.
    """
    taken: dict[int, Pad] = {}
    for pad in operators:
        if isinstance(pad, Pad) and pad.output not in graph.outputs:
            readers = [operator for operator in operators if pad.output in operator.inputs]
            if all(_takes(operator, pad) for operator in readers):
                taken |= {operator.index: pad for operator in readers}
    # By index: operators of others may hold what cannot be hashed.
    left = {pad.index for pad in taken.values()}
    return Unpadded(
        operators=tuple(_on_image(each, taken.get(each.index)) for each in operators if each.index not in left),
        padding_of=taken,
    )


def _takes(operator: ParsedOperator, pad: Pad) -> bool:
    if not isinstance(operator, _Convolution) or len(pad.input_shape) != 3 or pad.before[2] + pad.after[2] > 0:
        return False
    window = operator.window
    spans = (
        (window.height - 1) * window.dilation_height + 1,
        (window.width - 1) * window.dilation_width + 1,
    )
    # What the window's own padding adds is smaller than the window as well.
    borders = zip(pad.before[:2], pad.after[:2], spans, strict=True)
    return all(max(before, after) < span for before, after, span in borders)


def _on_image(operator: ParsedOperator, pad: Pad | None) -> ParsedOperator:
    """Returns a convolution that reads the image inside the border of a PAD."""
    if pad is None or not isinstance(operator, _Convolution):
        return operator
    window = operator.window
    return replace(
        operator,
        inputs=pad.inputs,
        input_shapes=pad.input_shapes,
        window=replace(window, pad_top=window.pad_top + pad.before[0], pad_left=window.pad_left + pad.before[1]),
    )
