"""What the poolings share: a window and a fused activation, codes that keep their scale."""

from dataclasses import dataclass
from typing import TypeVar

from edge_nas.int8.graph import Int8Graph, Operator
from edge_nas.int8.operators.operands import Operands, ParsedOperator
from edge_nas.int8.operators.window import Window, parse_window


@dataclass(frozen=True, eq=False, kw_only=True)
class Pool(ParsedOperator):
    """A pooling over the part of the window inside the image, then clipped.

    Attributes:
        window: its window; every position covers at least one pixel.
        activation_min, activation_max: the smallest and largest code.
    """

    window: Window
    activation_min: int
    activation_max: int


P = TypeVar("P", bound=Pool)


def parse_pool(kind: type[P], graph: Int8Graph, operator: Operator) -> P:
    """Returns the pooling that an operator describes.

    Raises:
        ArtifactError: anything about it is not supported.
    """
    operands = Operands(graph, operator)
    operands.expect_inputs(1, 1)
    source = operands.activation(0, rank=3)
    taps_y, taps_x = operands.option("FilterHeight", 1), operands.option("FilterWidth", 1)
    window, rows, columns = parse_window(operands, taps_y, taps_x, source.shape)
    output = operands.output(shape=(rows, columns, source.shape[2]), same_codes_as=source)
    low, high = operands.fused_range(output)
    return kind(**operands.wiring((source,), output), window=window, activation_min=low, activation_max=high)
