"""What the poolings share: a window and a fused activation, codes that keep their scale."""

from dataclasses import dataclass
from typing import Self

from edge_nas.int8.kinds import SchemaOptions
from edge_nas.int8.operands import FUSED_ACTIVATION, Operands, ParsedOperator
from edge_nas.int8.operators.window import WINDOW_OPTIONS, Window, parse_window

POOL_OPTIONS = SchemaOptions("Pool2DOptions", (*WINDOW_OPTIONS, "FilterHeight", "FilterWidth", *FUSED_ACTIVATION))


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

    @classmethod
    def parse(cls, operands: Operands) -> Self:
        """Returns the pooling that an operator describes.

        Raises:
            ArtifactError: anything about it is not supported.
        """
        operands.expect_inputs(1, 1)
        source = operands.activation(0, rank=3)
        height, width = operands.option("FilterHeight", 1), operands.option("FilterWidth", 1)
        window, rows, columns = parse_window(operands, height, width, source.shape)
        output = operands.output(shape=(rows, columns, source.shape[2]), same_codes_as=source)
        low, high = operands.fused_range(output)
        return cls(**operands.wiring((source,), output), window=window, activation_min=low, activation_max=high)
